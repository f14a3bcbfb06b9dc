import type { Cut, Failure, Kind, Ledger, Rates, Sample, Span } from './sample.js'
import { Schedule } from './schedule.js'
import { Unserved } from './unserved.js'

/** Asks once, and tells which gateway answered; ends soon after the signal has fired. @throws Unserved */
export type Ask = (signal: AbortSignal) => Promise<string | null>

/** Sees what becomes of requests as it happens; times are those in which the loop did not stand still. */
export interface LoopListener {
  ended(kind: Kind, failure: Failure | null, now: number): void
  /** Of every request that is under way, at every turn. */
  waits(kind: Kind, forMs: number, now: number): void
  /** After every turn. */
  turned(now: number): void
}

/** How late the loop may be, in milliseconds. What was due before is not sent: a burst of it would measure nothing. */
const PAUSE_MS = 20

/** How often the loop looks how late it is, in milliseconds, however rarely something is due. */
const LOOK_MS = 10

interface Flight {
  readonly kind: Kind
  readonly due: number
  readonly stop: AbortController
  /** For how long the loop had stood still when it was sent. */
  readonly pausedMs: number
}

/**
 * Sends requests when they are due, whatever became of those before, and writes down what becomes of them. At most as many
 * are under way as are due within the time that an answer is waited for.
 */
export class OpenLoop {
  readonly #asks: Readonly<Record<Kind, Ask>>
  readonly #rates: Rates
  readonly #timeoutMs: number
  readonly #schedule: Schedule
  readonly #startedAt = new Date()
  readonly #origin = performance.now()
  readonly #flights = new Set<Flight>()
  readonly #samples: Sample[] = []
  readonly #cuts: Cut[] = []
  /** Each until what came meanwhile was read. */
  readonly #pauses: Span[] = []
  readonly #listener: LoopListener
  #pausedMs = 0
  #latenessMs = 0
  #durationMs = Infinity
  #tell: (ledger: Ledger) => void = () => undefined

  /** Begins at once. */
  constructor(asks: Readonly<Record<Kind, Ask>>, rates: Rates, timeoutMs: number, listener: LoopListener) {
    this.#asks = asks
    this.#rates = rates
    this.#timeoutMs = timeoutMs
    this.#listener = listener
    this.#schedule = new Schedule(rates)
    this.#wait(0)
  }

  /** Notes that a connection which was to stay open is gone. */
  cut(kind: Kind): void {
    this.#cuts.push({ kind, at: this.#now() })
  }

  /** Sends nothing more; fulfils when all that is under way has ended. To be called once. */
  stop(): Promise<Ledger> {
    this.#durationMs = this.#now()
    return new Promise((resolve) => {
      this.#tell = resolve
    })
  }

  get #isStopped(): boolean {
    return this.#durationMs < Infinity
  }

  #now(): number {
    return performance.now() - this.#origin
  }

  #wait(now: number): void {
    const wake = Math.min(this.#isStopped ? Infinity : this.#schedule.next, now + LOOK_MS)
    setTimeout(
      () => {
        this.#turn(wake)
      },
      // Node 24 warns of what is not positive.
      Math.max(1, Math.ceil(wake - this.#now())),
    )
  }

  #turn(wake: number): void {
    const now = this.#now()
    this.#noteLateness(wake, now)
    if (!this.#isStopped) this.#sendDue(now)
    this.#lookAround(now)
    this.#listener.turned(now - this.#pausedMs)
    if (this.#isStopped && this.#flights.size === 0) this.#tell(this.#ledger())
    else this.#wait(now)
  }

  #noteLateness(wake: number, now: number): void {
    this.#latenessMs = Math.max(this.#latenessMs, now - wake)
    if (now - wake <= PAUSE_MS) return
    const pause = { from: wake, to: now }
    this.#pauses.push(pause)
    this.#pausedMs += now - wake
    // What came meanwhile is read before immediates run.
    setImmediate(() => {
      pause.to = this.#now()
    })
  }

  #sendDue(now: number): void {
    for (const { kind, due } of this.#schedule.until(now)) {
      if (now - due > PAUSE_MS) this.#samples.push({ kind, due, ended: now, node: null, failure: 'unsent' })
      else this.#send(kind, due)
    }
  }

  #send(kind: Kind, due: number): void {
    const flight = { kind, due, stop: new AbortController(), pausedMs: this.#pausedMs }
    this.#flights.add(flight)
    this.#asks[kind](flight.stop.signal).then(
      (node) => {
        this.#end(flight, node, null)
      },
      (error: unknown) => {
        this.#end(flight, null, failureOf(error, flight.stop.signal))
      },
    )
  }

  #end(flight: Flight, node: string | null, failure: Failure | null): void {
    const { kind, due } = flight
    this.#flights.delete(flight)
    const ended = this.#now()
    this.#samples.push({ kind, due, ended, node, failure })
    this.#listener.ended(kind, failure, ended - this.#pausedMs)
  }

  /** Gives up what has waited for too long. No timer for each: after a pause it would fire before the answers are read that lie there. */
  #lookAround(now: number): void {
    for (const { kind, due, stop, pausedMs } of this.#flights) {
      const waitedMs = now - due - (this.#pausedMs - pausedMs)
      this.#listener.waits(kind, waitedMs, now - this.#pausedMs)
      if (waitedMs >= this.#timeoutMs) stop.abort()
    }
  }

  #ledger(): Ledger {
    return {
      startedAt: this.#startedAt,
      durationMs: this.#durationMs,
      rates: this.#rates,
      samples: this.#samples.sort((one, other) => one.due - other.due),
      cuts: this.#cuts,
      pauses: this.#pauses,
      latenessMs: this.#latenessMs,
    }
  }
}

/** Anything else is a fault of gw's own, and ends the load. */
function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return 'timeout'
  if (error instanceof Unserved) return error.failure
  throw error
}
