/** A TCP socket that listens. */
export interface Listener {
  /** `0.0.0.0`, `*` (all, IPv6 too), `[::]`, or one address; IPv6 without brackets. */
  readonly address: string
  readonly port: number
  /** Connections that wait to be accepted, and how many may. */
  readonly queued: number
  readonly backlog: number
  /** Connections dropped because too many waited, since the socket is there; and while the host was asked. */
  readonly dropped: number
  readonly droppedNow: number
  /** Names of the programs that have it, without repetition. */
  readonly programs: readonly string[]
}
