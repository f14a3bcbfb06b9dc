import { ask, type Question } from '../facts/fact.js'
import { gatewayFitness, type GatewayFitness } from '../facts/gateway-fitness.js'
import { isActive, type UnitState } from '../facts/unit.js'
import type { VirtualIp } from '../model/gateway.js'
import { STATE } from '../model/state-paths.js'
import { LIVENESS_STATE_FILE, NGINX_STATE_FILE } from '../render/keepalived/configuration.js'
import { cleanLine } from '../shell/clean.js'

/** What was seen of a gateway that might have to carry the virtual IP. */
export interface Condition {
  /** null where systemd does not run. */
  readonly nginx: UnitState | null
  readonly keepalived: UnitState | null
  readonly fitness: GatewayFitness
  /** The release that it serves on its own address, or in words what came instead. */
  readonly served: { readonly release: string } | { readonly instead: string }
  /** How far its clock is from that of the host that is to be changed, in seconds. */
  readonly clockSkew: number
}

interface Demands {
  /** The releases that it may serve; null for any. */
  readonly releases: readonly string[] | null
  /** The folders that it must be able to write to. */
  readonly folders: readonly string[]
}

const LEAST_BYTES = 50 * 1024 * 1024
/** A reload, a log and a backup make a few files each. */
const LEAST_INODES = 1000
export const LARGEST_SKEW_SECONDS = 5

/** What gw and the gateway itself write to. */
export const GATEWAY_FOLDERS = [STATE.root, '/var/log']

/** What a gateway is asked about whether it could carry the virtual IP. */
export function fitnessQuestion({
  interface: device,
}: Pick<VirtualIp, 'interface'>): Question<GatewayFitness> {
  return ask(gatewayFitness, {
    stateFile: NGINX_STATE_FILE,
    livenessFile: LIVENESS_STATE_FILE,
    interface: device,
    current: STATE.current,
    folders: GATEWAY_FOLDERS,
  })
}

/** Why a gateway cannot carry the virtual IP, each in a few words that are safe to show; empty when it can. */
export function whyUnfit(condition: Condition, { releases, folders }: Demands): string[] {
  const { nginx, keepalived, fitness, clockSkew } = condition
  return [
    ...whyInactive('nginx.service', nginx),
    ...whyInactive('keepalived.service', keepalived),
    ...(fitness.nginxState === '0' ? [] : ['to keepalived its NGINX does not serve (/run/gw/nginx.state)']),
    ...(['0', null].includes(fitness.livenessState) ? [] : ['its NGINX hangs (/run/gw/liveness.state)']),
    ...whyOtherRelease(condition, releases),
    ...(Math.abs(clockSkew) <= LARGEST_SKEW_SECONDS
      ? []
      : [`its clock is ${Math.round(Math.abs(clockSkew))} s ${clockSkew > 0 ? 'ahead' : 'behind'}`]),
    ...whyHostUnfit(fitness, folders),
  ]
}

/** What of that lies with the host itself: its network and its disks. */
export function whyHostUnfit(fitness: GatewayFitness, folders: readonly string[]): string[] {
  return [
    ...(fitness.linkUp ? [] : ['its network interface is down']),
    ...folders.flatMap((path) => whyNoRoom(path, fitness)),
  ]
}

function whyInactive(name: string, unit: UnitState | null): string[] {
  if (unit === null) return [`systemd does not run, nor ${name}`]
  return isActive(unit) ? [] : [`${name} is ${cleanLine(unit.active)}`]
}

function whyOtherRelease({ served, fitness }: Condition, releases: readonly string[] | null): string[] {
  if ('instead' in served) return [served.instead]
  const { release } = served
  if (release !== fitness.release) {
    return [`it serves ${release}, though ${cleanLine(fitness.release ?? 'no release')} is published there`]
  }
  if (releases === null || releases.includes(release)) return []
  return [`it serves ${release}, not ${releases.join(' or ')}`]
}

function whyNoRoom(path: string, { folders }: GatewayFitness): string[] {
  const room = folders.find((folder) => folder.path === path)
  if (room === undefined) return [`it has no ${path}`]
  if (!room.writable) return [`${path} cannot be written to`]
  const megabytes = Math.floor(room.freeBytes / 1024 / 1024)
  if (room.freeBytes < LEAST_BYTES) return [`${path} has ${megabytes} MB free, and 50 are needed`]
  if (room.freeInodes !== null && room.freeInodes < LEAST_INODES) {
    return [`${path} has ${room.freeInodes} inodes free, and ${LEAST_INODES} are needed`]
  }
  return []
}
