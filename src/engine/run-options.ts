import type { Host } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import type { EventSink } from './events.js'
import type { FleetPlan } from './plan.js'
import type { OnFailure } from './rollout-end.js'
import type { LockSettings } from './run-lock.js'
import type { Reach } from './session.js'

export interface RunOptions {
  /** Eight hexadecimal digits. */
  readonly run: string
  readonly inventory: Inventory
  /** Hosts that may be touched; the plays choose among them. */
  readonly hosts: readonly Host[]
  readonly reach: Reach
  /** How many hosts are worked on at once. */
  readonly forks: number
  /** Plan only. */
  readonly check: boolean
  /** Null for hosts of which gw keeps no state: nothing is locked there. */
  readonly lock: LockSettings | null
  readonly onFailure: OnFailure
  /** Asked once, with the whole plan, before anything changes; once more when another run came between. */
  readonly approve: (plan: FleetPlan) => Promise<boolean>
  readonly emit: EventSink
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  /** Stops the run at the next safe point. */
  readonly stop: AbortSignal
  /** Ends the run at once, whatever is running. */
  readonly abandon: AbortSignal
}
