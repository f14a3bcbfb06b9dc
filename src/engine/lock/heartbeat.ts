import { GwError } from '../../errors.js'

export interface HeartbeatOptions {
  readonly host: string
  /** Renews the lease. @throws GwError LOCK_LOST when it is refused, any other when nothing is known */
  readonly beat: () => Promise<void>
  readonly leaseMs: number
  /** When the lease was asked for, by `now`. */
  readonly since: number
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** Called before `onLost` when the host did not answer for a whole lease. */
  readonly onSilence: () => void
  /** Called once at most, and not after `stop`. */
  readonly onLost: (error: GwError) => void
}

/**
 * Renews a lease every third of it. It is lost when the host refuses, and when no renewal succeeded for a whole lease,
 * reckoned from when it was sent: the host reckons from later. Its timers do not keep the process alive.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  #next: NodeJS.Timeout | undefined
  #end: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#renewed(options.now())
    // At once, when to get the lock took long: how long ago the host began to reckon is not known.
    this.#schedule(options.since)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#next)
    clearTimeout(this.#end)
  }

  #schedule(sent: number): void {
    if (this.#stopped) return
    const { leaseMs, now } = this.#options
    this.#next = setTimeout(() => void this.#beat(), sent + leaseMs / 3 - now()).unref()
  }

  async #beat(): Promise<void> {
    const sent = this.#options.now()
    try {
      await this.#options.beat()
      this.#renewed(sent)
    } catch (error) {
      // A host that does not answer may do so the next time, as long as the lease lasts.
      if (error instanceof GwError && error.code === 'LOCK_LOST') this.#lose(error)
    }
    this.#schedule(sent)
  }

  #renewed(sent: number): void {
    if (this.#stopped) return
    const { now, leaseMs } = this.#options
    clearTimeout(this.#end)
    const due = sent + leaseMs
    this.#end = setTimeout(() => void this.#expire(due), due - now()).unref()
  }

  /** When this process itself slept, the host was not silent but not listened to: it is asked who has the lock now. */
  async #expire(due: number): Promise<void> {
    const { beat, now, leaseMs, host, onSilence } = this.#options
    const sent = now()
    if (sent - due > leaseMs / 3) {
      try {
        await beat()
        this.#renewed(sent)
        return
      } catch (error) {
        if (error instanceof GwError && error.code === 'LOCK_LOST') this.#lose(error)
      }
    }
    if (this.#stopped) return
    onSilence()
    this.#lose(notRenewed(host, leaseMs))
  }

  #lose(error: GwError): void {
    if (this.#stopped) return
    this.stop()
    this.#options.onLost(error)
  }
}

function notRenewed(host: string, leaseMs: number): GwError {
  const message = `the host did not renew this run's lock for a whole lease (${leaseMs / 1000} s); another run may have it now`
  return new GwError('LOCK_LOST', message, {
    host,
    nextSteps: ['gw status ENV shows where the hosts stand.', 'gw lock status ENV shows who has the lock.'],
  })
}
