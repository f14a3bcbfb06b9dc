import type { EngineEvent } from '../engine/events.js'
import type { FleetPlan } from '../engine/plan.js'
import { takesPart, type Playbook } from '../engine/playbook.js'
import { countChanged, type RunReport } from '../engine/report.js'
import { runPlaybook } from '../engine/run.js'
import { GwError } from '../errors.js'
import type { Inventory } from '../model/inventory.js'
import { planText } from '../ui/plan-text.js'
import { progressFor } from '../ui/progress-for.js'
import { confirm, confirmByName } from '../ui/questions.js'
import { counted, recapText, seconds, tasksText } from '../ui/text.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { loadFleet, openReach, type Fleet } from './fleet.js'
import { exitCodeOf, hostResults, type CommandResult } from './result.js'

/** A playbook that is ready to run, and what its user should know besides. */
interface PreparedPlaybook {
  readonly playbook: Playbook
  readonly warnings: readonly string[]
}

/** What a command that runs a playbook was asked for. */
export interface PlaybookRequest extends FleetSelection {
  readonly check: boolean
  readonly yes: boolean
  /** The playbook for the environment that was named; no host is contacted before it is there. */
  readonly playbookFor: (inventory: Inventory) => Promise<PreparedPlaybook>
}

/** Runs a playbook from the command line: view, question, recap, exit code. */
export async function runPlaybookCommand(
  request: PlaybookRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const fleet = await loadFleet(request)
  const { playbook, warnings } = await request.playbookFor(fleet.inventory)
  refuseEmptyRun(playbook, fleet, request.limit)
  const progress = await progressFor(context.terminal, { json: context.json })
  const approve = async (plan: FleetPlan): Promise<boolean> => {
    await progress.settle()
    context.report(planText(plan, context.terminal.paintErr))
    return request.yes || approved(fleet.inventory, context)
  }
  let planned: FleetPlan = { hosts: [] }
  const emit = (event: EngineEvent): void => {
    if (event.type === 'plan.ready') planned = event.plan
    progress.handle(event)
  }
  try {
    const { check, forks } = request
    const { stop, abandon } = context.interrupts
    const reach = openReach({ environment: fleet.typed, signal: stop })
    const now = (): number => performance.now()
    const options = { ...fleet, reach, forks, check, approve, emit, now, stop, abandon }
    return { ...resultOf(fleet, await runPlaybook(playbook, options), planned, context), warnings }
  } finally {
    await progress.settle()
  }
}

/** A run that would silently do nothing, because a play's hosts are misspelt or `limit` leaves none of them. */
function refuseEmptyRun(
  { plays }: Playbook,
  { inventory, hosts, typed }: Fleet,
  limit: string | undefined,
): void {
  const nextSteps = [`gw inventory show ${typed} lists hosts and groups.`]
  const known = ['all', ...Object.keys(inventory.groups), ...inventory.hosts.map(({ name }) => name)]
  const unknown = plays.find((play) => !known.includes(play.hosts))
  if (unknown !== undefined) {
    const message = `the play "${unknown.name}" is for ${unknown.hosts}, which is no host or group of the inventory`
    throw new GwError('UNKNOWN_HOST_OR_GROUP', message, { nextSteps })
  }
  if (hosts.some((host) => plays.some((play) => takesPart(play, host)))) return
  const among = limit === undefined ? '' : ` within --limit ${limit}`
  throw new GwError('UNKNOWN_HOST_OR_GROUP', `the playbook has no host to work on${among}`, { nextSteps })
}

/** The question before a change, as strict as the environment asks for. */
function approved({ confirm: kind, environment }: Inventory, context: CommandContext): Promise<boolean> {
  const { terminal, interrupts } = context
  const question = `Apply these changes to ${environment}?`
  switch (kind) {
    case 'none':
      return Promise.resolve(true)
    case 'yes':
      return confirm(terminal, question, interrupts.stop)
    case 'name':
      return confirmByName(terminal, question, environment, interrupts.stop)
  }
}

function resultOf(fleet: Fleet, report: RunReport, plan: FleetPlan, context: CommandContext): CommandResult {
  const changed = countChanged(report)
  const paint = context.terminal.paintOut
  const diffs = report.check && plan.hosts.length > 0 ? `${planText(plan, paint)}\n\n` : ''
  const tasks = context.verbose ? `${tasksText(report, paint)}\n\n` : ''
  return {
    exitCode: exitCodeOf(report, changed),
    environment: fleet.inventory.environment,
    run: report.run,
    hosts: hostResults(report),
    errors: errorsOf(report),
    text: `${diffs}${tasks}${recapText(report, paint)}\n${closing(report, changed)}`,
    data: { changed, release: null },
  }
}

const UNDO = '\nTo undo it, run the same command with the inventory (or playbook) as it was before.'

function closing(report: RunReport, changed: number): string {
  const time = `in ${seconds(report.ms)}`
  if (report.check)
    return changed === 0
      ? `Nothing to change, looked ${time}.`
      : `${counted(changed, 'task')} would change something.`
  if (report.declined) return 'Nothing was changed.'
  return changed === 0 && report.hosts.every(({ outcome }) => outcome === 'ok')
    ? `Nothing to change, looked ${time}.`
    : `${counted(changed, 'task')} changed something ${time}.${changed > 0 ? UNDO : ''}`
}

function errorsOf(report: RunReport): GwError[] {
  const errors = report.hosts.flatMap(({ error }) => (error === null ? [] : [error]))
  const nextSteps = ['The same command with --check shows what is left to do; as it was, it does it.']
  if (report.interrupted) {
    const message = `stopped on request; ${touchedText(report)}`
    errors.push(new GwError('INTERRUPTED', message, { nextSteps }))
  }
  if (report.declined) {
    const message = 'the plan was not accepted; nothing was changed'
    errors.push(new GwError('CHANGES_DECLINED', message, { nextSteps }))
  }
  return errors
}

/** Which hosts are not as they were: those with a change, or with a task that was cut short. */
function touchedText({ check, hosts }: RunReport): string {
  const touched = hosts.filter(
    ({ tasks }) => !check && tasks.some(({ outcome }) => outcome === 'changed' || outcome === 'failed'),
  )
  if (touched.length === 0) return 'nothing was changed'
  return `changed in part or whole: ${touched.map(({ host }) => host).join(', ')}`
}
