import type { LoadTarget } from '../drill/load-target.js'
import { Measurement, type Measured } from '../drill/measurement.js'
import { askHosts, type AskOptions } from '../engine/ask.js'
import type { SurveyedPlaybook } from '../engine/playbook.js'
import type { RunReport } from '../engine/report.js'
import { GwError, isUnreachable } from '../errors.js'
import { addressHeld } from '../facts/address.js'
import { ask } from '../facts/fact.js'
import type { FailoverSettings, HandoverListener } from '../failover/settings.js'
import type { Gateway } from '../model/gateway.js'
import { OWN_PATHS } from '../model/own-paths.js'
import { tasksText } from '../ui/text.js'
import type { CommandContext } from './base-command.js'
import { rootsOf } from './certificates.js'
import { failoverJson, NO_HANDOVER } from './failover-json.js'
import { failoverText, failoverWarnings, type FailoverView } from './failover-text.js'
import { loadFleet, openReach, type Fleet } from './fleet.js'
import type { EndedRun, PlaybookRequest } from './playbook-request.js'
import { runPlaybookOn } from './playbook-run.js'
import { requireGateway } from './require-gateway.js'
import type { CommandResult } from './result.js'

/** What was asked for, but for the playbook. */
type FailoverRequest = Omit<PlaybookRequest, 'playbookFor'>

/** Hands the virtual IP over from the command line, and measures what clients see of it. */
export async function runFailoverCommand(
  request: FailoverRequest,
  playbookOf: (settings: FailoverSettings) => SurveyedPlaybook,
  context: CommandContext,
): Promise<CommandResult> {
  const fleet = await loadFleet(request)
  const { inventory } = fleet
  const gateway = requireGateway(inventory, 'hand over')
  const seen = new SeenHandover(await targetOf(gateway))
  const { address } = gateway.virtualIp
  const text = `Move ${address} of ${inventory.environment} to another gateway?`
  const playbookFor: PlaybookRequest['playbookFor'] = (_inventory, { run }) =>
    Promise.resolve({
      playbook: playbookOf({ gateway, run, listener: seen }),
      warnings: [],
      question: { text, word: address },
      conclude: (ended) => conclude(ended, seen, request, context),
    })
  try {
    return await runPlaybookOn(fleet, { ...request, playbookFor }, context)
  } finally {
    await seen.close()
  }
}

async function targetOf({ virtualIp: { address }, domain, tls }: Gateway): Promise<LoadTarget> {
  return { address, port: 443, domain, path: OWN_PATHS.health, roots: await rootsOf(tls) }
}

/** A handover as it goes, and what clients see of it. */
class SeenHandover implements HandoverListener {
  from: string | null = null
  to: string | null = null
  readonly #target: LoadTarget
  #measurement: Measurement | null = null

  constructor(target: LoadTarget) {
    this.#target = target
  }

  get address(): string {
    return this.#target.address
  }

  async begins(from: string): Promise<void> {
    this.from = from
    this.#measurement = await Measurement.begin(this.#target)
    await this.#measurement.steady()
  }

  moved(to: string): void {
    this.to = to
  }

  async finish(): Promise<Measured> {
    if (this.#measurement === null) throw new Error('a handover that has not begun has no end')
    await this.#measurement.steady()
    return this.#measurement.finish()
  }

  async close(): Promise<void> {
    await this.#measurement?.abandon()
  }
}

/** What is said of every run when nothing was given away, else where the virtual IP is and what clients saw. */
async function conclude(
  { fleet, report, result }: EndedRun,
  seen: SeenHandover,
  request: FailoverRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const { from, to, address } = seen
  const { typed } = fleet
  const errors = result.errors ?? []
  if (from === null)
    return { ...result, errors: errors.map((error) => withWayOut(error, report, typed)), data: NO_HANDOVER }
  const { abandon } = context.interrupts
  if (abandon.aborted) return { ...result, text: '', data: { ...NO_HANDOVER, from, to } }
  const [measured, holders] = await Promise.all([
    seen.finish(),
    to === null ? holdersOf(address, fleet, { forks: request.forks, signal: abandon }) : null,
  ])
  const view: FailoverView = { address, from, to, holders, measured, typed, ms: report.ms }
  const { terminal, verbose } = context
  const tasks = verbose ? `${tasksText(report, terminal.paintOut)}\n\n` : ''
  return {
    ...result,
    errors: errors.map((error) => withWayOn(error, typed)),
    text: `${tasks}${failoverText(view, terminal.paintOut)}`,
    warnings: [...(result.warnings ?? []), ...failoverWarnings(view)],
    data: failoverJson(view),
  }
}

/** Who says that it has the virtual IP; null when somebody could not be asked. */
async function holdersOf(
  address: string,
  { inventory, hosts, typed }: Fleet,
  options: Omit<AskOptions, 'reach'>,
): Promise<string[] | null> {
  const held = ask(addressHeld, { address })
  const gateways = inventory.groups[inventory.gateway?.group ?? ''] ?? []
  const asked = hosts.filter(({ name }) => gateways.includes(name))
  const reach = openReach({ environment: typed, signal: options.signal })
  const answers = await askHosts(asked, () => [held], { ...options, reach })
  const said = [...answers].flatMap(([host, answer]) =>
    answer instanceof GwError ? [] : [{ host, holds: answer.to(held) }],
  )
  return said.length < asked.length ? null : said.flatMap(({ host, holds }) => (holds ? [host] : []))
}

/** A gateway that is down must not keep the others from handing over among themselves. */
function withWayOut(error: GwError, { hosts }: RunReport, typed: string): GwError {
  const others = hosts.filter((host) => host.error === null).map(({ host }) => host)
  if (!isUnreachable(error) || others.length < 2) return error
  return error.withNextStep(`gw failover ${typed} --limit ${others.join(',')} leaves it out.`)
}

/** What a run that failed tells to type last is to do the same again, which may be the way back here. */
function withWayOn(error: GwError, typed: string): GwError {
  if (error.code === 'HANDOVER_INCOMPLETE' || error.code === 'HANDOVER_UNDONE') return error
  return error.withNextSteps([
    ...error.nextSteps.slice(0, -1),
    `gw status ${typed} shows who has it.`,
    `gw failover ${typed} hands it over from there.`,
  ])
}
