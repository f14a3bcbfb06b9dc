import type { Gateway } from '../model/gateway.js'
import {
  FLEET_CHECKS,
  PHASES,
  type FleetCheckName,
  type HealthReport,
  type HostHealth,
  type Judgement,
  type PhaseName,
  type Verdict,
} from '../model/health.js'
import { judgeClocks } from './fleet/clocks.js'
import { holderOf, judgeHolder } from './fleet/holder.js'
import { judgeLeftovers } from './fleet/leftovers.js'
import { judgeReleases } from './fleet/releases.js'
import { judgeStandby } from './fleet/standby.js'
import { judgeVrrp } from './fleet/vrrp.js'
import type { FleetObservation } from './observation.js'
import { judgeCertificate, servedCertificates } from './phases/certificate.js'
import { judgeConfiguration } from './phases/configuration.js'
import { judgeHttp, releaseServed } from './phases/http.js'
import { judgePorts } from './phases/ports.js'
import { judgeProcess } from './phases/process.js'
import { judgeUpstreams } from './phases/upstreams.js'
import { certificatesOf, type FleetCertificates, type SeenCertificates } from './shown-certificates.js'

/** What a verdict is wanted of. */
export interface HealthScope {
  readonly phases: readonly PhaseName[]
  /** Whether all gateways of the environment were asked: without some of them nothing can be said of the fleet. */
  readonly wholeFleet: boolean
}

/** Phases that were asked for in any order, and maybe twice; undefined for all. */
export function scopeOf(phases: readonly PhaseName[] | undefined, wholeFleet: boolean): HealthScope {
  return { phases: PHASES.filter((phase) => phases?.includes(phase) ?? true), wholeFleet }
}

/** The checks of the fleet that belong to a scope: all, or none. */
export function checksOf({ phases, wholeFleet }: HealthScope): readonly FleetCheckName[] {
  return wholeFleet && PHASES.every((phase) => phases.includes(phase)) ? FLEET_CHECKS : []
}

/** Pure: the phases of every gateway that answered, and the checks of all gateways together. */
export function judgeHealth(fleet: FleetObservation, gateway: Gateway, scope: HealthScope): HealthReport {
  const hosts = hostsHealth(fleet, gateway)
  const wanted = hosts.map((host) => ({ ...host, phases: only(scope.phases, host.phases) }))
  const checks: Partial<Record<FleetCheckName, Judgement>> =
    checksOf(scope).length > 0 ? fleetChecks(fleet, hosts, gateway) : {}
  const judgements = [...wanted.flatMap(({ phases }) => Object.values(phases)), ...Object.values(checks)]
  const isFailing = hosts.some(({ phases }) => failsElsewhere(phases, scope))
  return {
    hosts: wanted,
    unreachable: fleet.unreachable,
    fleet: scope.wholeFleet ? { holder: holderOf(fleet), checks } : null,
    verdict: isFailing ? 'fail' : verdictOf(judgements, fleet.unreachable),
  }
}

/** Whether a phase that was asked for is open, and one that was not has failed, for which it may be. */
function failsElsewhere(phases: HostHealth['phases'], scope: HealthScope): boolean {
  const wanted = Object.values(only(scope.phases, phases))
  const others = Object.values(phases).filter((judgement) => !wanted.includes(judgement))
  return (
    wanted.some(({ verdict }) => verdict === 'inconclusive') &&
    others.some(({ verdict }) => verdict === 'fail')
  )
}

function only(wanted: readonly PhaseName[], phases: HostHealth['phases']): HostHealth['phases'] {
  return Object.fromEntries(Object.entries(phases).filter(([name]) => wanted.some((each) => each === name)))
}

/** Their certificates are parsed once: each is compared with those of the others. */
function hostsHealth(fleet: FleetObservation, gateway: Gateway): HostHealth[] {
  const certificates = fleet.hosts.map(certificatesOf)
  return certificates.map((own) => hostHealth(own, { fleet, certificates }, gateway))
}

function hostHealth(own: SeenCertificates, certificates: FleetCertificates, gateway: Gateway): HostHealth {
  const { seen } = own
  const phases: Record<PhaseName, Judgement> = {
    process: judgeProcess(seen),
    configuration: judgeConfiguration(seen, gateway),
    ports: judgePorts(seen, gateway),
    http: judgeHttp(seen),
    upstreams: judgeUpstreams(seen, gateway),
    certificate: judgeCertificate(own, certificates, gateway),
  }
  return {
    host: seen.host,
    phases,
    release: releaseServed(seen),
    holdsAddress: seen.holdsAddress,
    certificates: servedCertificates(own),
    clockOffset: seen.clockOffset,
  }
}

function fleetChecks(
  fleet: FleetObservation,
  hosts: readonly HostHealth[],
  gateway: Gateway,
): Record<FleetCheckName, Judgement> {
  return {
    holder: judgeHolder(fleet, gateway),
    vrrp: judgeVrrp(fleet, gateway),
    standby: judgeStandby(fleet, hosts),
    releases: judgeReleases(fleet),
    clocks: judgeClocks(fleet),
    leftovers: judgeLeftovers(fleet),
  }
}

/** What some judgements come to: no data never passes. */
export function verdictOf(judgements: readonly Judgement[], unreachable: readonly string[]): Verdict {
  const verdicts = judgements.map(({ verdict }) => verdict)
  if (verdicts.includes('fail')) return 'fail'
  return verdicts.includes('inconclusive') || unreachable.length > 0 ? 'inconclusive' : 'pass'
}
