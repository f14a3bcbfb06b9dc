/** What an operator is to do. */
export interface Job {
  /** The "host": `state` below it is where the lock lives, `log` is what changes write to. */
  readonly folder: string
  readonly run: string
  readonly leaseMs: number
  readonly waitMs: number
  readonly changes: readonly Change[]
  /** Leaves the fence out, to see that the checker notices. */
  readonly breakFence: boolean
}

export interface Change {
  /** How long it takes. */
  readonly ms: number
  /** Whether its program is killed in the middle while what it started goes on. */
  readonly orphan: boolean
}

/** What an operator tells. `held`: it waited in vain; `fenced`: a change of its was kept out. */
export type Report =
  | { readonly run: string; readonly kind: 'acquired'; readonly tookOver: boolean }
  | {
      readonly run: string
      readonly kind: 'ended'
      readonly how: 'done' | 'held' | 'fenced' | 'failed'
      readonly detail: string
    }
