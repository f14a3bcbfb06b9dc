import { randomBytes } from 'node:crypto'
import type { DrillOptions } from '../drill/drill-settings.js'
import { Drill } from '../drill/drill.js'
import type { DrillReport, DrillSettings } from '../drill/report.js'
import { SCENARIOS } from '../drill/scenarios/scenarios.js'
import { worstOf } from '../drill/verdict.js'
import { outcomeOfError } from '../engine/report.js'
import { errnoCode, EXIT, GwError } from '../errors.js'
import { formatDuration } from '../inventory/duration.js'
import type { Gateway } from '../model/gateway.js'
import type { Host } from '../model/host.js'
import type { Inventory } from '../model/inventory.js'
import { OWN_PATHS } from '../model/own-paths.js'
import { counted } from '../ui/text.js'
import { confirmByName } from '../ui/questions.js'
import type { CommandContext } from './base-command.js'
import { rootsOf } from './certificates.js'
import type { DrillRequest } from './drill-flags.js'
import { DrillHistory, drillFolder } from './drill-history.js'
import { drillJson, NO_DRILL } from './drill-json.js'
import { drillPlanText, leftWarnings } from './drill-plan-text.js'
import { drillText } from './drill-text.js'
import { DrillView } from './drill-view.js'
import { hostsNamed, loadFleet, openReach, type Fleet } from './fleet.js'
import { namingEnvironment } from './named-environment.js'
import { operatorName } from './operator.js'
import { requireGateway } from './require-gateway.js'
import { hostError, type CommandResult, type HostResult } from './result.js'

/** The procedure, as its playbook has it. */
type Procedure = (drill: Drill) => Promise<void>

/** Runs a drill from the command line: plan, question, scenarios, report. */
export async function runDrillCommand(
  request: DrillRequest,
  procedure: Procedure,
  context: CommandContext,
): Promise<CommandResult> {
  refuseSettings(request.settings)
  const fleet = await loadFleet({ ...request, limit: undefined, forks: 1 })
  const { environment } = fleet.inventory
  const view = new DrillView(context)
  const options = await optionsOf(request, fleet, view, context)
  const drill = new Drill(options)
  try {
    const plan = await namingEnvironment(fleet.typed, () => drill.plan())
    const warnings = leftWarnings(plan)
    const text = drillPlanText(options, plan)
    if (request.check) return { exitCode: EXIT.changesFound, environment, text, warnings, data: NO_DRILL }
    context.report(text)
    if (!(await approved(request, options, context))) throw declined()
    view.begin(options, environment)
    const told = await performed(drill, procedure, { fleet, view }, context)
    return { ...told, warnings: [...warnings, ...(told.warnings ?? [])] }
  } finally {
    await drill.close()
  }
}

async function optionsOf(
  { scenarios, settings, leaseMs, lockWaitMs, reason }: DrillRequest,
  { inventory, typed }: Fleet,
  view: DrillView,
  { typed: command, interrupts: { stop, abandon } }: CommandContext,
): Promise<DrillOptions> {
  const gateway = requireGateway(inventory, 'disturb')
  const { virtualIp, domain, tls, group } = gateway
  const { from } = settings
  return {
    ...{ gateway, settings, leaseMs, lockWaitMs, reason, command, stop, abandon },
    ...{ listener: view, emit: view.emit },
    run: randomBytes(4).toString('hex'),
    by: operatorName(),
    hosts: inventory.hosts.filter(({ groups }) => groups.includes(group)),
    prober: from === null ? null : proberNamed(from, gateway, inventory, typed),
    target: {
      ...{ address: virtualIp.address, port: 443, domain, path: OWN_PATHS.health },
      roots: await rootsOf(tls),
    },
    reach: openReach({ environment: typed, signal: abandon }),
    scenarios: scenarios.flatMap((wanted) => SCENARIOS.filter(({ name }) => name === wanted)),
  }
}

/** One that is disturbed itself would measure that. */
function proberNamed(name: string, { group }: Gateway, inventory: Inventory, typed: string): Host {
  const [host, ...others] = hostsNamed(inventory, name, typed)
  const why = others.length > 0 ? 'is several' : host?.groups.includes(group) === true ? 'is a gateway' : null
  if (host !== undefined && why === null) return host
  throw new GwError(
    'USAGE',
    `--from takes one host that is no gateway, and ${JSON.stringify(name)} ${why ?? 'is none'}`,
    { nextSteps: [`gw inventory show ${typed} lists hosts and groups.`] },
  )
}

/** Hosts are armed before anything is disturbed, and one that undid a fault while it is looked at would spoil what is measured. */
const ARMED_BEFORE_MS = 3000

function refuseSettings({ holdMs, undoAfterMs }: DrillSettings): void {
  if (undoAfterMs >= holdMs + ARMED_BEFORE_MS) return
  const message = `--undo-after ${formatDuration(undoAfterMs)} is not ${formatDuration(ARMED_BEFORE_MS)} longer than --hold ${formatDuration(holdMs)}`
  throw new GwError('USAGE', message, {
    nextSteps: [`--undo-after ${formatDuration(holdMs + ARMED_BEFORE_MS)} is the least for it.`],
  })
}

async function approved(
  { yes }: DrillRequest,
  { gateway }: DrillOptions,
  { terminal, interrupts }: CommandContext,
): Promise<boolean> {
  const { address } = gateway.virtualIp
  return yes || confirmByName(terminal, 'Disturb these gateways?', address, interrupts.stop)
}

function declined(): GwError {
  return new GwError('CHANGES_DECLINED', 'something else was typed; nothing was disturbed', {
    nextSteps: ['The same command asks again.'],
  })
}

interface Watched {
  readonly fleet: Fleet
  readonly view: DrillView
}

/** What went wrong does not lose what was measured until then. */
async function performed(
  drill: Drill,
  procedure: Procedure,
  { fleet, view }: Watched,
  context: CommandContext,
): Promise<CommandResult> {
  const startedAt = new Date()
  const trouble = await troubleOf(() => namingEnvironment(fleet.typed, () => procedure(drill)))
  const report = reportOf(drill, startedAt, fleet, context)
  const error = trouble ?? errorOf(report, fleet.typed, context)
  const exitCode = error?.exitCode ?? EXIT.done
  const written = view.end(report, exitCode, error)
  const kept = await keep(report)
  const told = report.scenarios.length > 0
  return {
    exitCode,
    environment: fleet.inventory.environment,
    run: report.run,
    hosts: hostsOf(drill, error),
    text: told ? textOf(report, kept, context) : '',
    warnings: [written, kept.warning].filter((warning) => warning !== null),
    errors: error === null ? [] : [error],
    data: told ? drillJson(report, kept.page) : NO_DRILL,
  }
}

async function troubleOf(work: () => Promise<void>): Promise<GwError | null> {
  try {
    await work()
    return null
  } catch (error) {
    if (error instanceof GwError) return error
    throw error
  }
}

function reportOf(
  { options, reports, scenarios }: Drill,
  startedAt: Date,
  { inventory }: Fleet,
  { version }: CommandContext,
): DrillReport {
  const { run, by, command, settings, gateway } = options
  return {
    ...{ schemaVersion: 1, run, environment: inventory.environment, by, command, gw: version, settings },
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    address: gateway.virtualIp.address,
    scenarios: reports,
    skipped: scenarios.slice(reports.length).map(({ name }) => name),
    verdict: worstOf(reports.map(({ verdict }) => verdict)),
  }
}

/** Gateways with the faults that were made there; each is undone, unless the error says otherwise. */
function hostsOf({ options, reports }: Drill, error: GwError | null): Record<string, HostResult> {
  return Object.fromEntries(
    options.hosts.map(({ name }) => {
      const own = error?.host === name ? error : null
      const made = reports.filter(({ hosts, disturbedAt }) => hosts.includes(name) && disturbedAt !== null)
      const changes = made.map(({ name: task, undoneBy }) => ({
        task,
        summary: undoneBy === null ? 'not undone' : `undone by ${undoneBy}`,
      }))
      const outcome = own !== null ? outcomeOfError(own) : changes.length > 0 ? 'changed' : 'ok'
      return [name, { outcome, changes, ...hostError(own) }]
    }),
  )
}

interface Kept {
  readonly earlier: readonly DrillReport[]
  /** Null where it could not be kept. */
  readonly page: string | null
  readonly warning: string | null
}

async function keep(report: DrillReport): Promise<Kept> {
  const folder = drillFolder(process.env)
  const history = new DrillHistory(folder)
  if (report.scenarios.length === 0) return { earlier: [], page: null, warning: null }
  try {
    const earlier = await history.list(report.environment)
    return { earlier, page: await history.save(report, earlier), warning: null }
  } catch (error) {
    const warning = `this drill could not be kept in ${folder} (${errnoCode(error)}): gw drills will not show it`
    return { earlier: [], page: null, warning }
  }
}

function textOf(report: DrillReport, { earlier, page }: Kept, { terminal }: CommandContext): string {
  const drawn = page === null ? [] : [`Drawn in ${page}`]
  return [drillText(report, earlier, terminal.paintOut, terminal.out.columns), ...drawn].join('\n')
}

/** What a drill that was performed comes to; null where all went as expected. */
function errorOf(
  { verdict, scenarios }: DrillReport,
  typed: string,
  context: CommandContext,
): GwError | null {
  if (context.interrupts.stop.aborted)
    return new GwError('INTERRUPTED', 'interrupted; what was disturbed is undone', {
      nextSteps: [`gw health ${typed} shows how the gateways are.`],
    })
  const others = scenarios.filter((scenario) => scenario.verdict !== 'pass')
  const frame = others
    .flatMap(({ name, reasons }) => reasons.map((reason) => `${name}: ${reason}`))
    .join('\n')
  const code = scenarios.some(({ holderAfter }) => holderAfter === null) ? 'DRILL_DEVIATED' : CODES[verdict]
  if (code === null) return null
  const message = `${others.length} of ${counted(scenarios.length, 'scenario')} did not pass`
  return new GwError(code, message, { frame, nextSteps: [`gw health ${typed} shows how the gateways are.`] })
}

const CODES = {
  pass: null,
  deviated: 'DRILL_DEVIATED',
  aborted: 'DRILL_ABORTED',
  inconclusive: 'DRILL_INCONCLUSIVE',
} as const
