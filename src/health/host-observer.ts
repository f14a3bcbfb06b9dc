import { whenAborted } from '../connection/abort.js'
import { within } from '../connection/deadline.js'
import { gather } from '../engine/gather.js'
import { HostSession, type Reach } from '../engine/session.js'
import { GwError } from '../errors.js'
import type { Gateway } from '../model/gateway.js'
import type { Host } from '../model/host.js'
import type { Way } from '../probe/open.js'
import type { HostObservation } from './observation.js'
import type { GatewayProber } from './prober.js'
import { hostInquiry, type HostInquiry } from './questions.js'

export interface ObserveOptions {
  readonly gateway: Gateway
  readonly reach: Reach
  /** PEM of the CAs that clients of this gateway trust; without any, those of this machine count. */
  readonly roots: readonly string[]
  /** How long a host may take for all of it, in milliseconds. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** sshd goes on trying what was given up, for minutes, each with a file of its own: of about 1000, a look takes some hundreds. */
const MOST_ABANDONED = 100

/** Looks at one gateway over a connection of its own, which it makes anew when it was lost. */
export class HostObserver {
  readonly #host: Host
  readonly #session: HostSession
  readonly #prober: GatewayProber
  readonly #inquiry: HostInquiry
  readonly #options: ObserveOptions
  #connection: Awaited<ReturnType<HostSession['connect']>> | null = null
  /** Whether the host has given any sign of life in this look. */
  #reached = false
  /** How many connections were given up before they had opened, since the one to the host was made. */
  #abandoned = 0

  constructor(host: Host, prober: GatewayProber, options: ObserveOptions) {
    this.#host = host
    this.#session = new HostSession(host, options.reach)
    this.#prober = prober
    this.#inquiry = hostInquiry(options.gateway)
    this.#options = options
  }

  get name(): string {
    return this.#host.name
  }

  /**
   * @throws GwError DEADLINE_PASSED when the host cannot be reached in the time that it has, REPLY_LATE when it was and takes
   *   longer, or what asking it throws
   */
  async observe(): Promise<HostObservation> {
    const { timeoutMs: ms, signal } = this.#options
    const end = performance.now() + ms
    this.#reached = false
    if (this.#abandoned > MOST_ABANDONED) this.#drop()
    const reached = () => this.#reached
    const late = () => (reached() ? answerLate(this.name, ms) : hostLate(this.name, ms))
    const bounds = { ms, signal, late, interrupted: () => interrupted(this.name) }
    try {
      return await within(bounds, (stop) => {
        // What still waits on this connection then is not waited for; the next look makes another one.
        whenAborted(stop, () => {
          this.#drop()
        })
        return this.#look(stop, end)
      })
    } catch (error) {
      throw reached() && error instanceof GwError && error.code === 'DEADLINE_PASSED'
        ? new GwError('REPLY_LATE', error.message, { host: this.name, nextSteps: error.nextSteps })
        : error
    }
  }

  async close(): Promise<void> {
    await this.#session.close()
  }

  #drop(): void {
    this.#session.drop()
    this.#abandoned = 0
  }

  async #look(signal: AbortSignal, end: number): Promise<HostObservation> {
    const connection = await this.#session.connect(signal)
    // One that was there already says nothing.
    if (connection !== this.#connection) this.#reached = true
    this.#connection = connection
    const own = this.#options.gateway.virtualIp.addresses[this.name] ?? this.#host.connection.address
    const [told, probed] = await Promise.all([
      this.#ask(signal),
      this.#prober.probe(own, this.#way(signal), end),
    ])
    const has = (algorithm: string) => told.texts.some(({ path }) => path.endsWith(`/${algorithm}.crt`))
    const handshakes = probed.handshakes.filter(({ algorithm }) => has(algorithm))
    return { host: this.name, ...told, ...probed, handshakes }
  }

  async #ask(signal: AbortSignal) {
    const begin = Date.now() / 1000
    const told = this.#inquiry.read(await gather(this.#session, this.#inquiry.questions, signal))
    return { ...told, clockOffset: offsetBetween(told.fitness.now, begin, Date.now() / 1000) }
  }

  #way(stop: AbortSignal): Way {
    return {
      forward: async (address, port, signal) => {
        const until = signal === undefined ? stop : AbortSignal.any([stop, signal])
        try {
          const stream = await this.#session.forward(address, port, until)
          this.#reached = true
          return stream
        } catch (error) {
          if (error instanceof GwError && error.code === 'CONNECTION_REFUSED') this.#reached = true
          else this.#abandoned++
          throw error
        }
      },
    }
  }
}

/**
 * How far a clock is off that was read at some moment between two of ours, all in seconds: at least so much. Time that the
 * answer or this process needed is so no fault of the clock.
 */
function offsetBetween(read: number, begin: number, end: number): number {
  return read > end ? read - end : Math.min(0, read - begin)
}

function interrupted(host: string): GwError {
  return new GwError('INTERRUPTED', 'interrupted before the host had answered', { host })
}

function answerLate(host: string, ms: number): GwError {
  return new GwError('REPLY_LATE', `the host was reached, but had not said all within ${ms / 1000} s`, {
    host,
    nextSteps: [
      'Log in by ssh and see what it is busy with: `uptime`, `dmesg | tail`.',
      'With --timeout a slow host gets more time.',
    ],
  })
}

function hostLate(host: string, ms: number): GwError {
  return new GwError('DEADLINE_PASSED', `the host did not answer within ${ms / 1000} s`, {
    host,
    nextSteps: [
      'Log in by ssh: a host that hangs has no time for a shell either.',
      'With --timeout a slow host gets more time.',
    ],
  })
}
