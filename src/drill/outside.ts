import { judgeHealth, scopeOf } from '../health/judge.js'
import { FleetObserver } from '../health/observe.js'
import type { Judgement, PhaseName } from '../model/health.js'
import type { DrillOptions } from './drill-settings.js'
import type { Scenario } from './scenarios/scenario.js'

/** How long a gateway may take for a look, in milliseconds. */
const LOOK_MS = 2000

/** The gateways that a fault does not disturb, or only in some phases. */
export class Outside {
  readonly #options: DrillOptions
  readonly #disturbed: readonly PhaseName[]
  readonly #observer: FleetObserver

  /** `hosts` are those that the scenario disturbs. */
  constructor({ on, disturbs }: Scenario, hosts: readonly string[], options: DrillOptions) {
    const { gateway, reach, target, abandon: signal } = options
    const others = options.hosts.filter(({ name }) => on === 'gateways' || !hosts.includes(name))
    const [roots, forks] = [target.roots, Math.max(1, others.length)]
    this.#options = options
    this.#disturbed = disturbs
    this.#observer = new FleetObserver(others, { gateway, reach, roots, forks, timeoutMs: LOOK_MS, signal })
  }

  /** What is not well there; one that cannot be asked is told as well. */
  async troubles(): Promise<string[]> {
    const { fleet } = await this.#observer.observe()
    const { hosts, unreachable } = judgeHealth(fleet, this.#options.gateway, scopeOf(undefined, false))
    return [
      ...unreachable.map((name) => `${name} cannot be asked any more`),
      ...hosts.flatMap(({ host, phases }) =>
        Object.entries(phases)
          .filter(([name]) => this.#disturbed.every((phase) => phase !== name))
          .flatMap(([, judgement]) => errorsIn(judgement).map((message) => `${host}: ${message}`)),
      ),
    ]
  }

  async close(): Promise<void> {
    await this.#observer.close()
  }
}

function errorsIn({ findings }: Judgement): string[] {
  return findings.filter(({ severity }) => severity === 'error').map(({ message }) => message)
}
