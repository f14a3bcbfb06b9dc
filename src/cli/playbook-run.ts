import { randomBytes } from 'node:crypto'
import { takesPart, type Playbook, type SurveyedPlaybook } from '../engine/playbook.js'
import { runPlaybook } from '../engine/run.js'
import { GwError } from '../errors.js'
import { STATE } from '../model/state-paths.js'
import type { CommandContext } from './base-command.js'
import { loadFleet, openReach, type Fleet } from './fleet.js'
import { withEnvironment } from './named-environment.js'
import { operatorName } from './operator.js'
import type { PlaybookRequest } from './playbook-request.js'
import { openView } from './playbook-view.js'
import type { CommandResult } from './result.js'

/** Runs a playbook from the command line: view, question, journal, recap, exit code. */
export async function runPlaybookCommand(
  request: PlaybookRequest,
  context: CommandContext,
): Promise<CommandResult> {
  return runPlaybookOn(await loadFleet(request), request, context)
}

/** The same on a fleet that was loaded already. */
export async function runPlaybookOn(
  fleet: Fleet,
  request: PlaybookRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const { leaseMs } = request
  const identity = { run: randomBytes(4).toString('hex'), by: operatorName(), leaseMs }
  const prepared = await request.playbookFor(fleet.inventory, identity)
  const { playbook, warnings, question } = prepared
  refuseEmptyRun(playbook, fleet, request.limit)
  const view = await openView({ ...request, question: question ?? null }, fleet, identity, context)
  try {
    const { check, forks, onFailure } = request
    const { stop, abandon } = context.interrupts
    const reach = openReach({ environment: fleet.typed, signal: stop })
    const now = (): number => performance.now()
    const { run, by } = identity
    const lock = {
      paths: STATE,
      leaseMs,
      waitMs: request.lockWaitMs,
      by,
      command: context.typed,
      reason: request.reason,
    }
    const { approve, emit } = view
    const options = { ...fleet, run, reach, forks, check, lock, onFailure, approve, emit, now, stop, abandon }
    const report = await runPlaybook(playbook, options)
    const result = view.resultOf(report)
    await view.settle()
    const told = (await prepared.conclude?.({ fleet, report, result })) ?? result
    return { ...told, warnings: [...warnings, ...(told.warnings ?? [])] }
  } catch (error) {
    view.failed(error)
    throw error instanceof GwError ? withEnvironment(error, fleet.typed) : error
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
