import type { Connection } from '../connection/connection.js'
import { pause } from '../connection/deadline.js'
import { HostSession, type Reach, type SessionLimits } from '../engine/session.js'
import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import { cleanLine } from '../shell/clean.js'
import { frame, framesWithText } from '../shell/frames.js'
import { toldTime } from './clock-offset.js'
import type { ClockOffset } from './report.js'
import { SamplerLog } from './sampler-log.js'
import { samplerScript } from './sampler-program.js'
import { vrrpLogsScript, vrrpTransitions, type VrrpTransition } from './vrrp-log.js'

/** Something that a host saw. `at` is in milliseconds since 1970 by this machine's clock. */
export type HostEvent = { readonly host: string; readonly at: number } & (
  | { readonly kind: 'address'; readonly holds: boolean }
  | { readonly kind: 'vrrp'; readonly state: string }
  | {
      readonly kind: 'arp'
      /** Who said that it has the virtual IP. */
      readonly mac: string
      /** Whether the host said so itself; it need not have reached anybody. */
      readonly isOwn: boolean
      /** How often it was said within the burst that began then. */
      readonly count: number
    }
)

export interface SamplerOptions {
  readonly reach: Reach
  /** The virtual IP, and the interface that it is on. */
  readonly address: string
  readonly interface: string
  /** For how long at most, whatever becomes of this end, in milliseconds. */
  readonly forMs: number
  /** Hears of each address event as it comes, by a clock that is only roughly this machine's. */
  readonly onEvent: (event: HostEvent) => void
}

/** How often a host is asked for its time before anything else; the answer that took least counts. */
const CLOCK_ROUNDS = 4

/** How long an answer to a short question may take, in milliseconds. */
const ANSWER_MS = 15_000

/** After how long a host that was lost is tried again, in milliseconds. */
const AGAIN_MS = 500

/** More than the program prints in an hour on a network that is well. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024

/**
 * Looks on a host at who has the virtual IP and what is said of it, as it happens, over a connection of its own. A host that
 * was lost is looked at again as soon as it is back.
 */
export class HostSampler {
  readonly #host: Host
  readonly #options: SamplerOptions
  readonly #session: HostSession
  readonly #log: SamplerLog
  readonly #over = new AbortController()
  readonly #until: number
  #looking: Promise<void> = Promise.resolve()
  #onBegun: () => void = () => undefined

  private constructor(host: Host, options: SamplerOptions) {
    this.#host = host
    this.#options = options
    this.#session = new HostSession(host, options.reach)
    this.#until = Date.now() + options.forMs
    this.#log = new SamplerLog(({ at, holds }) => {
      options.onEvent({ host: host.name, at: this.#here(at), kind: 'address', holds })
    })
  }

  /** Answers once the host looks. Somebody must `stop` or `close` it. @throws GwError why it cannot */
  static async start(host: Host, options: SamplerOptions): Promise<HostSampler> {
    const sampler = new HostSampler(host, options)
    try {
      await sampler.#askForTime()
      await sampler.#begin()
      return sampler
    } catch (error) {
      await sampler.close()
      throw error
    }
  }

  /** Null before anything is known. */
  get clock(): ClockOffset | null {
    const { offset } = this.#log.clock
    return offset === null ? null : { host: this.#host.name, ...offset }
  }

  /** Ends the looking; all that was seen, in order, with the clock set right. A host that was lost tells what it had told. */
  async stop(): Promise<readonly HostEvent[]> {
    const transitions = await this.#transitions().finally(() => this.close())
    const { addresses, bursts } = this.#log
    const host = this.#host.name
    const events: HostEvent[] = [
      ...addresses.map(({ at, holds }): HostEvent => ({ host, at, kind: 'address', holds })),
      ...transitions.map(({ at, state }): HostEvent => ({ host, at, kind: 'vrrp', state })),
      ...bursts.map((burst): HostEvent => ({ host, ...burst, kind: 'arp' })),
    ]
    return events
      .map((event) => ({ ...event, at: this.#here(event.at) }))
      .sort((one, other) => one.at - other.at)
  }

  /** Ends the looking and tells nothing; does nothing to one that has ended. */
  async close(): Promise<void> {
    this.#over.abort()
    try {
      await this.#looking
    } finally {
      await this.#session.close()
    }
  }

  /** A time by the host's clock, by this machine's. */
  #here(at: number): number {
    return at - (this.#log.clock.offset?.offsetMs ?? 0)
  }

  async #askForTime(): Promise<void> {
    // The first question would wait for the connection as well, which the clock has nothing to do with.
    const connection = await this.#session.connect(this.#over.signal)
    await this.#askProgramForTime()
    for (let round = 0; round < CLOCK_ROUNDS; round += 1) await this.#askShellForTime(connection)
  }

  /** As root, by a program of gw's own: slow to begin, but sure to be understood. */
  async #askProgramForTime(): Promise<void> {
    const asked = Date.now()
    const onFrame = ([, time = '']: readonly string[]): void => {
      this.#noteTime(time, asked)
    }
    const program = { text: frame('time "$(date +%s.%6N)"') }
    await this.#session.run(program, { onText: () => undefined, onFrame }, this.#limits(ANSWER_MS))
  }

  /** By the shell of the login, which begins soon: what an account prints besides, or instead, says nothing. */
  async #askShellForTime(connection: Connection): Promise<void> {
    const asked = Date.now()
    await connection.exec({
      ...this.#limits(ANSWER_MS),
      command: 'date +%s.%6N',
      input: new Uint8Array(),
      onStdout: (chunk) => {
        this.#noteTime(Buffer.from(chunk).toString().replace(/\n$/, ''), asked)
      },
      onStderr: () => undefined,
    })
  }

  #noteTime(text: string, asked: number): void {
    const told = toldTime(text)
    if (told !== null) this.#log.clock.note({ asked, told, heard: hearingTime() })
  }

  /** Fulfils when the host looks; what ends that again is seen to from then on. */
  async #begin(): Promise<void> {
    const first = this.#look()
    const begun = new Promise<void>((resolve) => {
      this.#onBegun = resolve
    })
    try {
      await Promise.race([begun, first])
    } finally {
      this.#looking = this.#lookOn(first)
      // Whoever closes it hears of it.
      this.#looking.catch(() => undefined)
    }
    if (!this.#log.hasBegun) throw cannotLook(this.#host.name, this.#log.failure)
  }

  async #lookOn(first: Promise<void>): Promise<void> {
    const { signal } = this.#over
    let looking = first
    for (;;) {
      const isWorthIt = await looking.then(() => true, mayPass)
      if (!this.#log.hasBegun || signal.aborted || Date.now() > this.#until || !isWorthIt) return
      await pause(AGAIN_MS, signal).catch(() => undefined)
      looking = this.#look()
    }
  }

  async #look(): Promise<void> {
    const { address, interface: device } = this.#options
    const decoder = new TextDecoder()
    const forMs = Math.max(1, this.#until - Date.now())
    const onText = (bytes: Uint8Array): void => {
      this.#log.push(decoder.decode(bytes, { stream: true }), hearingTime())
      if (this.#log.hasBegun) this.#onBegun()
    }
    this.#log.begin()
    const { text } = samplerScript({ address, interface: device, forMs })
    await this.#session.run({ text }, { onText, onFrame: () => undefined }, this.#limits(forMs + ANSWER_MS))
  }

  /** What keepalived says, over a connection of its own: the host may have been lost on the other. */
  async #transitions(): Promise<VrrpTransition[]> {
    const since = this.#log.beganAt
    if (since === null) return []
    const session = new HostSession(this.#host, this.#options.reach)
    const told = { journal: '', audit: '' }
    const listener = framesWithText(([name], text) => {
      if (name === 'journal' || name === 'audit') told[name] = text
    })
    const limits = { ...this.#limits(ANSWER_MS), signal: AbortSignal.timeout(ANSWER_MS) }
    try {
      await session.run({ text: vrrpLogsScript(since).text }, listener, limits)
    } catch (error) {
      // Of a host that is not there nobody hears what it has written down.
      if (!(error instanceof GwError)) throw error
    } finally {
      await session.close()
    }
    return vrrpTransitions({ ...told, since })
  }

  #limits(deadlineMs: number): Required<SessionLimits> {
    return { deadlineMs, maxOutputBytes: MAX_OUTPUT_BYTES, signal: this.#over.signal }
  }
}

/** What the looking cannot be without, and no other time will be better. */
const FINAL: readonly unknown[] = [
  'OUTPUT_TOO_LARGE',
  'BECOME_REFUSED',
  'HOST_KEY_CHANGED',
  'AUTHENTICATION_FAILED',
]

/** Whether looking that has failed is worth another try; anything but an error of gw's kinds is a fault of its own. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof GwError)) throw error
  return !FINAL.includes(error.code)
}

/** Now, in milliseconds since 1970, rounded up: a time that a host tells was before it was heard. */
function hearingTime(): number {
  return Date.now() + 1
}

function cannotLook(host: string, why: string | null): GwError {
  const said = why === null ? 'the program ended early' : cleanLine(why)
  return new GwError('TASK_FAILED', `the host cannot look who has the virtual IP: ${said}`, {
    host,
    nextSteps: ['Log in by ssh and run: perl -e 1 && ip addr show'],
  })
}
