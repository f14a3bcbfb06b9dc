import type { Gateway } from '../model/gateway.js'

/** Who wants to know how a handover goes, to measure it, say. */
export interface HandoverListener {
  /** `from` is about to give the virtual IP away, which waits for the answer. */
  begins(from: string): Promise<void>
  /** `to` has it, and answers through it. */
  moved(to: string): void
}

export interface FailoverSettings {
  readonly gateway: Gateway
  /** The run that hands over. */
  readonly run: string
  readonly listener: HandoverListener
}
