import { diagnose } from '../doctor/diagnose.js'
import type { Diagnosis } from '../doctor/diagnosis.js'
import { examine } from '../doctor/examine.js'
import { EXIT, GwError, type ExitCode } from '../errors.js'
import type { Host } from '../model/host.js'
import type { Judgement } from '../model/health.js'
import type { CommandContext } from './base-command.js'
import { doctorText } from './doctor-text.js'
import type { FleetSelection } from './fleet-flags.js'
import { loadFleet, openReach, type Fleet } from './fleet.js'
import { hostsWith } from './gateways.js'
import { nameEnvironment, withEnvironment } from './named-environment.js'
import type { CommandResult } from './result.js'

export interface DoctorRequest extends FleetSelection {
  /** How long a host may take to answer. */
  readonly timeoutMs: number
}

/** Looks at everything that an environment needs, and shows what stands in its way. */
export async function runDoctorCommand(
  { timeoutMs, ...selection }: DoctorRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const fleet = await loadFleet(selection)
  const { inventory, typed } = fleet
  const signal = context.interrupts.stop
  const hosts = selection.limit === undefined ? gatewaysOf(fleet) : fleet.hosts
  const examination = await examine(hosts, {
    reach: openReach({ environment: typed, signal }),
    forks: selection.forks,
    timeoutMs,
    signal,
    gateway: inventory.gateway,
    node: process.version,
  })
  const errors = examination.hosts.flatMap(({ answers }) =>
    answers instanceof GwError ? [withEnvironment(answers, typed)] : [],
  )
  const diagnosis = named(diagnose(examination, inventory.gateway), typed)
  return {
    exitCode: exitCodeOf(diagnosis, errors),
    environment: inventory.environment,
    hosts: hostsWith('ok', hosts, new Map(errors.map((error) => [error.host, error]))),
    errors,
    text: doctorText(diagnosis, errors, context.terminal.paintOut),
    data: { doctor: doctorJson(diagnosis) },
  }
}

/** The hosts that a deploy goes to; in an inventory without a gateway, all. */
function gatewaysOf({ inventory: { gateway }, hosts }: Fleet): readonly Host[] {
  return gateway === null ? hosts : hosts.filter(({ groups }) => groups.includes(gateway.group))
}

/** What is wrong on this side comes first, then a host of which nothing is known. */
function exitCodeOf({ verdict }: Diagnosis, errors: readonly GwError[]): ExitCode {
  const found = [EXIT.usage, EXIT.unreachable].find((code) =>
    errors.some(({ exitCode }) => exitCode === code),
  )
  if (found !== undefined) return found
  return { pass: EXIT.done, fail: EXIT.verdictFail, inconclusive: EXIT.inconclusive }[verdict]
}

/** The same diagnosis with the environment in its advice as it was typed. */
function named({ machine, hosts, network, verdict }: Diagnosis, typed: string): Diagnosis {
  const inAll = (checks: Readonly<Partial<Record<string, Judgement>>>) =>
    Object.fromEntries(
      Object.entries(checks).flatMap(([name, judgement]) =>
        judgement === undefined ? [] : [[name, namedJudgement(judgement, typed)]],
      ),
    )
  return {
    machine: inAll(machine),
    hosts: hosts.map(({ host, checks }) => ({ host, checks: inAll(checks) })),
    network: inAll(network),
    verdict,
  }
}

function namedJudgement({ verdict, findings }: Judgement, typed: string): Judgement {
  return { verdict, findings: findings.map((each) => ({ ...each, help: nameEnvironment(each.help, typed) })) }
}

function doctorJson({ verdict, machine, hosts, network }: Diagnosis) {
  return {
    verdict,
    machine,
    hosts: Object.fromEntries(hosts.map(({ host, checks }) => [host, checks])),
    network,
  }
}
