import { GwError } from '../errors.js'
import { NO_LISTENER } from '../shell/frames.js'
import { sh, type Script } from '../shell/script.js'
import type { HostSession } from './session.js'

export interface RemoteCommandLimits {
  readonly deadlineMs: number
  readonly stop: AbortSignal
  readonly abandon: AbortSignal
}

/** A command while it runs on a host: closing the channel would leave it running there, so it is ended by name. */
export class RemoteCommand {
  status: number | null = null
  readonly #session: HostSession
  readonly #limits: RemoteCommandLimits
  readonly #timer: NodeJS.Timeout
  readonly #cut = new AbortController()
  #process: number | null = null
  #endedBy: 'stop' | 'deadline' | null = null

  constructor(session: HostSession, limits: RemoteCommandLimits) {
    this.#session = session
    this.#limits = limits
    this.#timer = setTimeout(() => {
      this.#end('deadline')
    }, limits.deadlineMs)
    limits.stop.addEventListener('abort', this.#onStop)
    limits.abandon.addEventListener('abort', this.#onAbandon)
    if (limits.stop.aborted) this.#cut.abort()
  }

  /** Closes the channel: nothing runs on the host yet, or nobody wants to wait for what does. */
  get signal(): AbortSignal {
    return this.#cut.signal
  }

  started(process: number): void {
    this.#process = process
    if (this.#limits.stop.aborted) this.#onStop()
  }

  ended(status: number): void {
    this.status = status
  }

  /** What its end means, when it ended by itself or was ended. */
  failure(): GwError | null {
    const host = this.#session.host.name
    const nextSteps = ['What it printed is above; the other hosts are not touched by it.']
    if (this.#endedBy === 'stop') {
      return new GwError('INTERRUPTED', 'interrupted; the command was ended on the host', { host, nextSteps })
    }
    if (this.#endedBy === 'deadline') {
      const seconds = this.#limits.deadlineMs / 1000
      const message = `the command did not end within ${seconds} s and was ended on the host`
      return new GwError('COMMAND_TIMED_OUT', message, {
        host,
        nextSteps: ['Give it longer by --timeout SECONDS.'],
      })
    }
    if (this.status === 0) return null
    return new GwError('COMMAND_FAILED', `the command ended with status ${this.status ?? 'unknown'}`, {
      host,
      nextSteps,
    })
  }

  dispose(): void {
    clearTimeout(this.#timer)
    this.#limits.stop.removeEventListener('abort', this.#onStop)
    this.#limits.abandon.removeEventListener('abort', this.#onAbandon)
  }

  readonly #onStop = (): void => {
    if (this.#process === null) this.#cut.abort()
    else this.#end('stop')
  }

  readonly #onAbandon = (): void => {
    this.#cut.abort()
  }

  #end(reason: 'stop' | 'deadline'): void {
    if (this.#process === null || this.#endedBy !== null) return
    this.#endedBy = reason
    const limits = { deadlineMs: 10_000, maxOutputBytes: 4096, signal: this.#cut.signal }
    // When this fails the command's own channel tells why: the host is gone, or the deadline passes there.
    this.#session.run({ text: endProcess(this.#process).text }, NO_LISTENER, limits).catch(() => undefined)
  }
}

/** Ends a process and all that it started (proc(5), `children`): asked first, after two seconds no longer. */
function endProcess(process: number): Script {
  return sh`
    gw_signal() (
      for child in $(cat "/proc/$2/task/$2/children" 2>/dev/null); do gw_signal "$1" "$child"; done
      kill -s "$1" "$2" 2>/dev/null
    )
    gw_signal TERM ${process}
    tries=0
    while [ -d /proc/${process} ] && [ "$tries" -lt 20 ]; do tries=$((tries + 1)); sleep 0.1; done
    [ ! -d /proc/${process} ] || gw_signal KILL ${process}
  `
}
