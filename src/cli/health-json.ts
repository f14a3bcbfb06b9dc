import { outcomeOfError } from '../engine/report.js'
import type { FleetCheckName, HostHealth, Judgement, PhaseName } from '../model/health.js'
import type { HealthView, HostView } from '../ui/health-view.js'
import { hostError, type HostResult } from './result.js'

/** A gateway as `gw health --json` shows it. Of one that gave no answer there are no phases, and nothing else is known. */
export interface HostHealthResult extends HostResult {
  readonly phases: Readonly<Partial<Record<PhaseName, Judgement>>>
  readonly release: string | null
  readonly holdsAddress: boolean | null
  readonly certificates: HostHealth['certificates']
  readonly clockOffset: number | null
}

/** What `gw health` adds to the object of `--json`. */
export interface HealthData extends Readonly<Record<string, unknown>> {
  /** null when it is not known. */
  readonly healthy: boolean | null
  /** null when it is not known at all. */
  readonly fleet: {
    readonly holder: string | null
    readonly checks: Readonly<Partial<Record<FleetCheckName, Judgement>>>
  } | null
}

/** What it says before anything is known; the keys are the same. */
export const NO_HEALTH: HealthData = { healthy: null, fleet: null }

/** Pure: the health of an environment as data, of the phases and checks that were asked for. */
export function healthJson(view: HealthView): {
  readonly hosts: Readonly<Record<string, HostHealthResult>>
  readonly data: HealthData
} {
  const { verdict, fleet, checks, hosts, phases } = view
  return {
    hosts: Object.fromEntries(hosts.map((host) => [host.host, hostJson(host, phases)])),
    data: {
      healthy: verdict === 'pass' ? true : verdict === 'fail' ? false : null,
      fleet: fleet === null ? null : { holder: fleet.holder, checks: chosen(fleet.checks, checks) },
    },
  }
}

function hostJson(view: HostView, phases: readonly PhaseName[]): HostHealthResult {
  if (view.state !== 'judged') {
    const error = view.state === 'unanswered' ? view.error : null
    const outcome = error === null ? 'skipped' : outcomeOfError(error)
    const nothing = { phases: {}, release: null, holdsAddress: null, certificates: [], clockOffset: null }
    return { outcome, changes: [], ...hostError(error), ...nothing }
  }
  const { release, holdsAddress, certificates, clockOffset } = view.health
  return {
    outcome: 'ok',
    changes: [],
    phases: chosen(view.health.phases, phases),
    release,
    holdsAddress,
    certificates,
    clockOffset,
  }
}

function chosen<Name extends string>(
  judgements: Readonly<Partial<Record<Name, Judgement>>>,
  names: readonly Name[],
): Partial<Record<Name, Judgement>> {
  const entries = names.flatMap((name) => {
    const judgement = judgements[name]
    return judgement === undefined ? [] : [[name, judgement] as const]
  })
  return Object.fromEntries(entries) as Partial<Record<Name, Judgement>>
}
