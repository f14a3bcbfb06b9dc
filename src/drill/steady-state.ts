import { setTimeout as pause } from 'node:timers/promises'
import { whenAborted } from '../connection/abort.js'
import { gather } from '../engine/gather.js'
import { patiently } from '../engine/patience.js'
import type { HostSession } from '../engine/session.js'
import { trialHost } from '../engine/trial.js'
import { GwError } from '../errors.js'
import { guardHandover } from '../failover/guard-handover.js'
import { planHandover } from '../failover/plan-handover.js'
import { judgeHealth, scopeOf } from '../health/judge.js'
import { FleetObserver } from '../health/observe.js'
import type { Finding, HealthReport, Judgement } from '../model/health.js'
import { seenIn, sightQuestions, type Seen } from '../release/peer-sight.js'
import type { DrillOptions } from './drill-settings.js'

/** How long a gateway may take for a look. */
const LOOK_MS = 10_000

const AGAIN_MS = 500

/** Whether the gateways are as they are to be: the six phases, the checks of the fleet, one holder, a standby that is fit. */
export class SteadyState {
  readonly #options: DrillOptions
  readonly #sessions: readonly HostSession[]
  readonly #observer: FleetObserver

  constructor(options: DrillOptions, sessions: readonly HostSession[]) {
    const { gateway, reach, target, abandon } = options
    this.#options = options
    this.#sessions = sessions
    this.#observer = new FleetObserver(options.hosts, {
      ...{ gateway, reach, roots: target.roots, signal: abandon },
      forks: options.hosts.length,
      timeoutMs: LOOK_MS,
    })
  }

  /** The gateway that has the virtual IP. @throws GwError PEER_UNFIT when no other could take it, NOT_STEADY */
  async require(): Promise<string> {
    const holder = await this.#guard()
    const reasons = await this.#whyNot()
    if (reasons.length > 0) throw notSteady(reasons)
    return holder
  }

  /** Waits until all is steady: who has the virtual IP then, or what was not steady when the time was over. */
  async await(ms: number): Promise<{ readonly holder: string | null; readonly reasons: readonly string[] }> {
    const end = performance.now() + ms
    for (;;) {
      try {
        return { holder: await this.require(), reasons: [] }
      } catch (error) {
        if (!(error instanceof GwError)) throw error
        if (this.#options.abandon.aborted) throw notAwaited()
        if (performance.now() > end) return { holder: null, reasons: reasonsIn(error) }
      }
      await pause(AGAIN_MS)
    }
  }

  async close(): Promise<void> {
    await this.#observer.close()
  }

  async #guard(): Promise<string> {
    const { gateway, run, abandon } = this.#options
    const seen = await Promise.all(this.#sessions.map((session) => this.#see(session)))
    const { from } = planHandover(seen, { gateway, run })
    const all = this.#sessions.map((session) => trialHost(session, abandon))
    const [own, peers] = [
      all.find(({ host }) => host.name === from),
      all.filter(({ host }) => host.name !== from),
    ]
    if (own === undefined) throw new Error(`${from} is no gateway of the drill`)
    await guardHandover(own, peers, { gateway, run })
    return from
  }

  /** A host that has gone down in the meantime leaves a connection on which nobody answers. */
  async #see(session: HostSession): Promise<Seen> {
    const { gateway, abandon: signal } = this.#options
    const { host } = session
    return patiently(host, { ms: LOOK_MS, signal }, async (stop) => {
      whenAborted(stop, () => {
        session.drop()
      })
      return seenIn(host.name, await gather(session, Object.values(sightQuestions(gateway)), stop), gateway)
    })
  }

  async #look(): Promise<HealthReport> {
    const { fleet } = await this.#observer.observe()
    return judgeHealth(fleet, this.#options.gateway, scopeOf(undefined, true))
  }

  /** Notes count as well: what cannot be told is not steady. */
  async #whyNot(): Promise<string[]> {
    const { verdict, hosts, unreachable, fleet } = await this.#look()
    if (verdict === 'pass') return []
    return [
      ...unreachable.map((name) => `${name} could not be asked`),
      ...hosts.flatMap(({ host, phases }) =>
        Object.values(phases).flatMap((judgement) =>
          troublesOf(judgement).map(({ message }) => `${host}: ${message}`),
        ),
      ),
      ...Object.values(fleet?.checks ?? {}).flatMap((judgement) =>
        troublesOf(judgement).map(({ message }) => message),
      ),
    ]
  }
}

function troublesOf({ verdict, findings }: Judgement): readonly Finding[] {
  return verdict === 'pass' ? [] : findings.filter(({ severity }) => severity !== 'warning')
}

function reasonsIn({ message, frame, host }: GwError): string[] {
  const where = host === undefined ? '' : `${host}: `
  return frame === undefined ? [`${where}${message}`] : frame.split('\n')
}

function notAwaited(): GwError {
  const message = 'interrupted; what was disturbed is undone, but nobody waited until all was steady again'
  return new GwError('INTERRUPTED', message, { nextSteps: ['gw health ENV shows how the gateways are.'] })
}

function notSteady(reasons: readonly string[]): GwError {
  return new GwError('NOT_STEADY', 'not everything is as it is to be, so no fault was made', {
    frame: reasons.join('\n'),
    nextSteps: ['gw health ENV says what helps.'],
  })
}
