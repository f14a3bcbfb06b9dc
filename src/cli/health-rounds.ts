import { EXIT, GwError, type ExitCode } from '../errors.js'
import { checksOf, judgeHealth, scopeOf, type HealthScope } from '../health/judge.js'
import type { FleetObservation, HostObservation } from '../health/observation.js'
import { FleetObserver, type Observed } from '../health/observe.js'
import type { Gateway } from '../model/gateway.js'
import type { HealthReport, Judgement, PhaseName } from '../model/health.js'
import { changedCells, type HealthView, type HostView } from '../ui/health-view.js'
import type { CommandContext } from './base-command.js'
import { rootsOf } from './certificates.js'
import type { FleetSelection } from './fleet-flags.js'
import { loadGateways, type Gateways } from './gateways.js'
import { nameEnvironment, namingEnvironment, withEnvironment } from './named-environment.js'
import { requireGateway } from './require-gateway.js'
import { gravestExit } from './result.js'

export interface HealthSelection extends FleetSelection {
  /** undefined for all. */
  readonly phases: readonly PhaseName[] | undefined
  /** How long a host may take. */
  readonly timeoutMs: number
}

/** One look at the gateways. */
export interface HealthRound {
  readonly report: HealthReport
  readonly errors: readonly GwError[]
  readonly view: HealthView
  readonly exitCode: ExitCode
}

/** Looks at the gateways of an environment, as often as wanted, and judges what it sees. */
export class HealthRounds {
  readonly gateways: Gateways
  readonly #gateway: Gateway
  readonly #observer: FleetObserver
  readonly #scope: HealthScope
  /** What hosts have answered in this look. */
  readonly #seen = new Map<string, HostObservation | GwError>()
  #last: HealthView | null = null

  private constructor(gateways: Gateways, gateway: Gateway, observer: FleetObserver, scope: HealthScope) {
    this.gateways = gateways
    this.#gateway = gateway
    this.#observer = observer
    this.#scope = scope
  }

  /** @throws GwError as the inventory does, and USAGE without a gateway in it */
  static async open(selection: HealthSelection, context: CommandContext): Promise<HealthRounds> {
    const gateways = await loadGateways(selection, context)
    const { fleet, hosts, reach } = gateways
    const gateway = requireGateway(fleet.inventory, 'judge')
    const { forks, timeoutMs, phases } = selection
    const { stop: signal } = context.interrupts
    const roots = await rootsOf(gateway.tls)
    const observer = new FleetObserver(hosts, { gateway, reach, roots, forks, timeoutMs, signal })
    const members = fleet.inventory.groups[gateway.group] ?? []
    const wholeFleet = members.every((name) => hosts.some((host) => host.name === name))
    return new HealthRounds(gateways, gateway, observer, scopeOf(phases, wholeFleet))
  }

  /** `show`, where somebody watches, gets what is known so far whenever a host has answered. @throws GwError INTERRUPTED */
  async look(show: ((view: HealthView) => void) | null): Promise<HealthRound> {
    const seen = this.#seen
    seen.clear()
    show?.(this.#viewOf(null))
    const observed = await namingEnvironment(this.#typed, () =>
      this.#observer.observe((host, answer) => {
        seen.set(host, answer instanceof GwError ? withEnvironment(answer, this.#typed) : answer)
        show?.(this.#viewOf(null))
      }),
    )
    const report = this.#judge(observed.fleet)
    const view = this.#viewOf(report)
    this.#last = view
    return { report, errors: this.#errors(observed), view, exitCode: exitOf(report, observed.errors) }
  }

  /** What is known so far in a look that was interrupted. */
  known(): HealthView {
    return this.#viewOf(null)
  }

  close(): Promise<void> {
    return this.#observer.close()
  }

  get #typed(): string {
    return this.gateways.fleet.typed
  }

  #errors({ errors }: Observed): GwError[] {
    return errors.map((error) => withEnvironment(error, this.#typed))
  }

  #judge(fleet: FleetObservation): HealthReport {
    return naming(this.#typed, judgeHealth(fleet, this.#gateway, this.#scope))
  }

  /** Before all hosts have answered nothing is said of the fleet. */
  #viewOf(report: HealthReport | null): HealthView {
    const shown = report ?? this.#judge(soFar(this.#seen))
    const hosts = this.gateways.hosts.map(({ name }): HostView => {
      const answer = this.#seen.get(name)
      const health = shown.hosts.find(({ host }) => host === name)
      if (answer instanceof GwError) return { host: name, state: 'unanswered', error: answer }
      return health === undefined ? { host: name, state: 'pending' } : { host: name, state: 'judged', health }
    })
    const view = {
      environment: this.gateways.fleet.inventory.environment,
      phases: this.#scope.phases,
      checks: checksOf(this.#scope),
      hosts,
      fleet: report?.fleet ?? null,
    }
    const verdict = report?.verdict ?? null
    return { ...view, verdict, changed: changedCells(this.#last, view), at: null }
  }
}

/** What the hosts say that have answered, before anything is known of the fleet. */
function soFar(seen: ReadonlyMap<string, HostObservation | GwError>): FleetObservation {
  const hosts = [...seen.values()].flatMap((answer) => (answer instanceof GwError ? [] : [answer]))
  const address = { failure: 'late', why: 'nobody has looked yet' } as const
  return { hosts, unreachable: [], address, now: new Date() }
}

/** The report with the environment in what helps, as it was typed. */
function naming(typed: string, report: HealthReport): HealthReport {
  const { hosts, fleet } = report
  return {
    ...report,
    hosts: hosts.map((host) => ({ ...host, phases: namingIn(typed, host.phases) })),
    fleet: fleet && { ...fleet, checks: namingIn(typed, fleet.checks) },
  }
}

function namingIn<Judgements extends Readonly<Partial<Record<string, Judgement>>>>(
  typed: string,
  judgements: Judgements,
): Judgements {
  const named = Object.entries(judgements).map(([name, judgement]) => [
    name,
    judgement && {
      ...judgement,
      findings: judgement.findings.map((finding) => ({
        ...finding,
        help: nameEnvironment(finding.help, typed),
      })),
    },
  ])
  return Object.fromEntries(named) as Judgements
}

/** A gateway that could not be asked decides, then what was judged. */
function exitOf({ verdict }: HealthReport, errors: readonly GwError[]): ExitCode {
  if (errors.length > 0) return gravestExit(errors)
  if (verdict === 'pass') return EXIT.done
  return verdict === 'fail' ? EXIT.verdictFail : EXIT.inconclusive
}
