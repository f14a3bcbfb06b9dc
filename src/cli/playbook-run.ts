import { randomBytes } from 'node:crypto'
import { takesPart, type Playbook, type SurveyedPlaybook } from '../engine/playbook.js'
import type { OnFailure } from '../engine/rollout.js'
import { runPlaybook } from '../engine/run.js'
import { GwError } from '../errors.js'
import type { Inventory } from '../model/inventory.js'
import { STATE } from '../model/state-paths.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { loadFleet, openReach, type Fleet } from './fleet.js'
import { operatorName } from './operator.js'
import { openView } from './playbook-view.js'
import type { CommandResult } from './result.js'

/** A playbook that is ready to run, and what its user should know besides. */
export interface PreparedPlaybook {
  readonly playbook: Playbook | SurveyedPlaybook
  readonly warnings: readonly string[]
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
  readonly 'on-failure'?: OnFailure
}

/** The request of a command that changes hosts. */
export function changeRequest(
  environment: string | undefined,
  flags: ChangeFlags,
  playbookFor: PlaybookRequest['playbookFor'],
): PlaybookRequest {
  const { limit, forks, yes, check, lease: leaseMs, 'lock-wait': lockWaitMs } = flags
  const onFailure = flags['on-failure'] ?? 'revert'
  return { environment, limit, forks, yes, check, leaseMs, lockWaitMs, onFailure, playbookFor }
}

/** The request of a command that only looks. */
export function planRequest(
  environment: string | undefined,
  { limit, forks }: Pick<ChangeFlags, 'limit' | 'forks'>,
  playbookFor: PlaybookRequest['playbookFor'],
): PlaybookRequest {
  const flags = { limit, forks, yes: false, check: true, lease: 0, 'lock-wait': 0 }
  return changeRequest(environment, flags, playbookFor)
}

/** Runs a playbook from the command line: view, question, journal, recap, exit code. */
export async function runPlaybookCommand(
  request: PlaybookRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const fleet = await loadFleet(request)
  const { leaseMs } = request
  const identity = { run: randomBytes(4).toString('hex'), by: operatorName(), leaseMs }
  const { playbook, warnings } = await request.playbookFor(fleet.inventory, identity)
  refuseEmptyRun(playbook, fleet, request.limit)
  const view = await openView(request, fleet, identity, context)
  try {
    const { check, forks, onFailure } = request
    const { stop, abandon } = context.interrupts
    const reach = openReach({ environment: fleet.typed, signal: stop })
    const now = (): number => performance.now()
    const { run, by } = identity
    const lock = { paths: STATE, leaseMs, waitMs: request.lockWaitMs, by, command: context.typed, reason: '' }
    const { approve, emit } = view
    const options = { ...fleet, run, reach, forks, check, lock, onFailure, approve, emit, now, stop, abandon }
    const result = view.resultOf(await runPlaybook(playbook, options))
    return { ...result, warnings: [...warnings, ...(result.warnings ?? [])] }
  } catch (error) {
    view.failed(error)
    throw error
  } finally {
    await view.settle()
  }
}

/** A run that would silently do nothing, because a play's hosts are misspelt or `limit` leaves none of them. */
function refuseEmptyRun(
  playbook: Playbook | SurveyedPlaybook,
  { inventory, hosts, typed }: Fleet,
  limit: string | undefined,
): void {
  const nextSteps = [`gw inventory show ${typed} lists hosts and groups.`]
  const known = ['all', ...Object.keys(inventory.groups), ...inventory.hosts.map(({ name }) => name)]
  const plays = 'plays' in playbook ? playbook.plays : [playbook]
  const unknown = plays.find((play) => !known.includes(play.hosts))
  if (unknown !== undefined) {
    const message = `the play "${unknown.name}" is for ${unknown.hosts}, which is no host or group of the inventory`
    throw new GwError('UNKNOWN_HOST_OR_GROUP', message, { nextSteps })
  }
  if (hosts.some((host) => plays.some((play) => takesPart(play, host)))) return
  const among = limit === undefined ? '' : ` within --limit ${limit}`
  throw new GwError('UNKNOWN_HOST_OR_GROUP', `the playbook has no host to work on${among}`, { nextSteps })
}
