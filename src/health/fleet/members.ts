import type { VrrpInstance } from '../../facts/vrrp-state.js'
import type { Finding } from '../../model/health.js'
import { healthIn } from '../../release/health-answer.js'
import { VRRP_INSTANCE } from '../../render/keepalived/configuration.js'
import { LIVENESS_UNIT } from '../../render/liveness/unit.js'
import { cleanLine } from '../../shell/clean.js'
import { note } from '../judgement.js'
import type { FleetObservation, HostObservation } from '../observation.js'
import { isPublished } from '../published.js'
import { standingOf } from '../standing.js'

export function holdersOf({ hosts }: FleetObservation): readonly HostObservation[] {
  return hosts.filter(({ holdsAddress }) => holdsAddress)
}

export function namesOf(hosts: readonly Pick<HostObservation, 'host'>[]): string {
  return hosts.map(({ host }) => host).join(' and ')
}

/** Gateways of which nothing is known, as one note. */
export function unasked({ unreachable }: FleetObservation): Finding[] {
  return unreachable.length === 0 ? [] : [note(`${unreachable.join(' and ')} could not be asked`)]
}

export function instanceOf({ vrrp }: HostObservation): VrrpInstance | null {
  return vrrp?.instances.find(({ name }) => name === VRRP_INSTANCE) ?? null
}

/** Whether it answers as a gateway that is well, on its own address. */
export function isServing({ own }: HostObservation): boolean {
  return 'answer' in own && 'release' in healthIn(own.answer)
}

/** The phase of a gateway that does not serve in which the cause stands. */
export function phaseToSee(seen: HostObservation): string {
  if (!isPublished(seen)) return 'configuration'
  switch (standingOf(seen)) {
    case 'running':
      return 'http'
    case 'displaced':
      return 'ports'
    case 'halted':
    case 'orphaned':
      return 'process'
    case 'stopped':
      return seen.configuration.nginx.passed ? 'process' : 'configuration'
  }
}

/** Why keepalived gave the virtual IP away: NGINX is at fault, the host's network, or what keepalived is told. */
export interface FaultCause {
  readonly kind: 'nginx' | 'link' | 'told'
  readonly words: string
  /** What to run on the host. */
  readonly help: string
}

export function faultCause(seen: HostObservation): FaultCause {
  if (!isWell(seen)) {
    const words = `its NGINX is not well: see its phase ${phaseToSee(seen)}`
    return { kind: 'nginx', words, help: 'systemctl status nginx' }
  }
  if (!seen.fitness.linkUp)
    return { kind: 'link', words: 'its network interface is down', help: 'ip -br link' }
  const told = toldIll(seen)
  if (told !== null) return told
  return { kind: 'told', words: 'keepalived does not say why', help: 'journalctl -u keepalived -n 20' }
}

/** That keepalived is told of an NGINX that does not serve, though it does; null when the files say what is true. */
export function toldIll(seen: HostObservation): FaultCause | null {
  const { nginxState, livenessState } = seen.fitness
  if (!isWell(seen)) return null
  if (nginxState !== '0')
    return { kind: 'told', words: toldBy('nginx.state', nginxState), help: 'systemctl restart nginx' }
  if (livenessState === null || livenessState === '0') return null
  return {
    kind: 'told',
    words: toldBy('liveness.state', livenessState),
    help: `systemctl restart ${LIVENESS_UNIT}`,
  }
}

function isWell(seen: HostObservation): boolean {
  return isServing(seen) && standingOf(seen) === 'running'
}

function toldBy(file: string, state: string | null): string {
  const says = state === null ? 'is gone' : `says ${JSON.stringify(cleanLine(state.slice(0, 20)))}`
  return `its NGINX serves, but /run/gw/${file} ${says}`
}
