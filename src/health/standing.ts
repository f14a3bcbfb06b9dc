import type { Listener } from '../facts/listeners.js'
import type { NginxProcess, NginxProcesses } from '../facts/nginx-processes.js'
import { LIVENESS } from '../model/own-paths.js'
import type { HostObservation } from './observation.js'

/**
 * What has become of NGINX, by which phases know what is another one's fault: it runs; it is there, but no worker of it can
 * answer, mostly since a signal holds them (`halted`); its workers serve without their master (`orphaned`); it does not run
 * while another program has its port (`displaced`); it does not run (`stopped`).
 */
export type Standing = 'running' | 'halted' | 'orphaned' | 'displaced' | 'stopped'

/** What a gateway listens on for clients. */
export const PORTS = [80, 443]

/** What NGINX cannot start without: one of them is for the prober of its own host. */
export const NEEDED_PORTS = [...PORTS, LIVENESS.port]

const DEAD = ['Z', 'X']

export function standingOf({
  processes: { processes },
  listeners,
}: Pick<HostObservation, 'processes' | 'listeners'>): Standing {
  const serving = living(processes).filter(({ role }) => role === 'master' || role === 'worker')
  if (serving.length === 0) return listeners.some(isTaken) ? 'displaced' : 'stopped'
  if (!serving.some((each) => each.role === 'worker' && !isHeld(each))) return 'halted'
  return serving.some(({ role }) => role === 'master') ? 'running' : 'orphaned'
}

/** Whether another program has a port of the gateway's. */
export function isTaken(listener: Listener): boolean {
  const { programs } = listener
  return isNeeded(listener) && programs.length > 0 && !programs.includes('nginx')
}

/** Whether a socket is in the place of one that NGINX needs; on the prober's port others may have other addresses. */
export function isNeeded(listener: Listener): boolean {
  return PORTS.includes(listener.port) || isForProber(listener)
}

const FOR_PROBER: readonly string[] = [LIVENESS.address, '0.0.0.0', '*', `::ffff:${LIVENESS.address}`]

/** Whether what the prober asks comes to this socket. */
export function isForProber({ address, port }: Listener): boolean {
  return port === LIVENESS.port && FOR_PROBER.includes(address.replace(/%.*/, ''))
}

export function living(processes: readonly NginxProcess[]): readonly NginxProcess[] {
  return processes.filter(({ state }) => !DEAD.includes(state))
}

/** Whether a signal or a debugger holds a process where it is. */
export function isHeld({ state }: NginxProcess): boolean {
  return state === 'T' || state === 't'
}

/** The master that nginx.service and everybody else means: the owner of the pid file, else the oldest. */
export function masterOf({ pidFile, processes }: NginxProcesses): NginxProcess | null {
  const masters = living(processes).filter(({ role }) => role === 'master')
  const owner = masters.find(({ pid }) => pid === pidFile)
  return owner ?? masters.toSorted((one, other) => other.ageSeconds - one.ageSeconds)[0] ?? null
}

/** Those workers of that master that take connections, the youngest first. */
export function workersOf(nginx: NginxProcesses): readonly NginxProcess[] {
  const master = masterOf(nginx)
  return living(nginx.processes)
    .filter(({ role, parent }) => role === 'worker' && parent === master?.pid)
    .toSorted((one, other) => one.ageSeconds - other.ageSeconds)
}

/** How many workers the published nginx.conf wants; null when its word is none that NGINX knows. */
export function workersWanted({ workerProcesses, processors }: NginxProcesses): number | null {
  if (workerProcesses === null) return 1
  if (workerProcesses === 'auto') return processors
  return /^[1-9]\d{0,4}$/.test(workerProcesses) ? Number(workerProcesses) : null
}

/**
 * How long ago NGINX read the files by which it serves, in seconds; null when nobody knows. A worker that has died is
 * replaced by one that is younger than those files, and for a moment after a reload the workers from before still stand
 * beside the new ones: so of the youngest, as many as there are to be, the oldest counts.
 */
export function readSecondsAgo(nginx: NginxProcesses): number | null {
  const workers = workersOf(nginx)
  const generation = workers.slice(0, workersWanted(nginx) ?? workers.length)
  return generation.at(-1)?.ageSeconds ?? null
}
