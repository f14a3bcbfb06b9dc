import { whenAborted } from '../connection/abort.js'
import { gather } from '../engine/gather.js'
import { patiently } from '../engine/patience.js'
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

/** What one look may take, and what it tells. */
interface Look {
  readonly stop: AbortSignal
  /** The host has given a sign of life. */
  readonly reached: () => void
  /** As `performance.now` has it. */
  readonly end: number
}

/** Looks at one gateway over a connection of its own, which it makes anew when it was lost. */
export class HostObserver {
  readonly #host: Host
  readonly #session: HostSession
  readonly #prober: GatewayProber
  readonly #inquiry: HostInquiry
  readonly #options: ObserveOptions
  #connection: Awaited<ReturnType<HostSession['connect']>> | null = null
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
    if (this.#abandoned > MOST_ABANDONED) this.#drop()
    return await patiently(this.#host, { ms, signal }, (stop, reached) => {
      // What still waits on this connection then is not waited for; the next look makes another one.
      whenAborted(stop, () => {
        this.#drop()
      })
      return this.#look({ stop, reached, end })
    })
  }

  async close(): Promise<void> {
    await this.#session.close()
  }

  #drop(): void {
    this.#session.drop()
    this.#abandoned = 0
  }

  async #look({ stop, reached, end }: Look): Promise<HostObservation> {
    const connection = await this.#session.connect(stop)
    // One that was there already says nothing.
    if (connection !== this.#connection) reached()
    this.#connection = connection
    const own = this.#options.gateway.virtualIp.addresses[this.name] ?? this.#host.connection.address
    const [told, probed] = await Promise.all([
      this.#ask(stop),
      this.#prober.probe(own, this.#way(stop, reached), end),
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

  #way(stop: AbortSignal, reached: () => void): Way {
    return {
      forward: async (address, port, signal) => {
        const until = signal === undefined ? stop : AbortSignal.any([stop, signal])
        try {
          const stream = await this.#session.forward(address, port, until)
          reached()
          return stream
        } catch (error) {
          if (error instanceof GwError && error.code === 'CONNECTION_REFUSED') reached()
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
