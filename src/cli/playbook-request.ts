import type { Playbook, SurveyedPlaybook } from '../engine/playbook.js'
import type { RunReport } from '../engine/report.js'
import type { OnFailure } from '../engine/rollout-end.js'
import type { Inventory } from '../model/inventory.js'
import type { Fleet } from './fleet.js'
import type { FleetSelection } from './fleet-flags.js'
import type { CommandResult } from './result.js'

/** A playbook that is ready to run, and what its user should know besides. */
export interface PreparedPlaybook {
  readonly playbook: Playbook | SurveyedPlaybook
  readonly warnings: readonly string[]
  /** What is asked before the change, however strict the environment is. */
  readonly question?: TypedQuestion
  /** What is said of the run in place of what is said of every run. */
  readonly conclude?: (ended: EndedRun) => Promise<CommandResult>
}

/** A question that is answered by typing `word`. */
export interface TypedQuestion {
  readonly text: string
  readonly word: string
}

/** A run that has ended, with what is said of every run. */
export interface EndedRun {
  readonly fleet: Fleet
  readonly report: RunReport
  readonly result: CommandResult
}

/** What is known of a run before its playbook is made. */
export interface RunIdentity {
  /** Eight hexadecimal digits. */
  readonly run: string
  /** Who, from where: `alice@laptop`. */
  readonly by: string
  readonly leaseMs: number
}

/** What a command that runs a playbook was asked for. */
export interface PlaybookRequest extends FleetSelection {
  readonly check: boolean
  readonly yes: boolean
  readonly leaseMs: number
  readonly lockWaitMs: number
  readonly onFailure: OnFailure
  /** Why; empty when nothing was said. */
  readonly reason: string
  /** The playbook for the environment that was named; no host is contacted before it is there. */
  readonly playbookFor: (inventory: Inventory, identity: RunIdentity) => Promise<PreparedPlaybook>
}

/** What commands that change hosts have for flags. */
interface ChangeFlags {
  readonly limit?: string | undefined
  readonly forks: number
  readonly yes: boolean
  readonly check: boolean
  readonly lease: number
  readonly 'lock-wait': number
  readonly reason: string
  readonly 'on-failure'?: OnFailure
}

/** The request of a command that changes hosts. */
export function changeRequest(
  environment: string | undefined,
  flags: ChangeFlags,
  playbookFor: PlaybookRequest['playbookFor'],
): PlaybookRequest {
  return { ...changeOf(environment, flags), playbookFor }
}

/** What its flags say, whatever it does. */
export function changeOf(
  environment: string | undefined,
  flags: ChangeFlags,
): Omit<PlaybookRequest, 'playbookFor'> {
  const { limit, forks, yes, check, reason, lease: leaseMs, 'lock-wait': lockWaitMs } = flags
  const onFailure = flags['on-failure'] ?? 'revert'
  return { environment, limit, forks, yes, check, leaseMs, lockWaitMs, onFailure, reason }
}

/** The request of a command that only looks. */
export function planRequest(
  environment: string | undefined,
  { limit, forks }: Pick<ChangeFlags, 'limit' | 'forks'>,
  playbookFor: PlaybookRequest['playbookFor'],
): PlaybookRequest {
  const flags = { limit, forks, yes: false, check: true, lease: 0, 'lock-wait': 0, reason: '' }
  return changeRequest(environment, flags, playbookFor)
}
