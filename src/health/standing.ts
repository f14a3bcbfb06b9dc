import type { Listener } from '../facts/listeners.js'
import type { HostObservation } from './observation.js'

/**
 * What has become of NGINX, by which phases know what is another one's fault: it runs; a signal stopped it where it was
 * (`halted`); its workers serve without their master (`orphaned`); it does not run while another program has its port
 * (`displaced`); it does not run (`stopped`).
 */
export type Standing = 'running' | 'halted' | 'orphaned' | 'displaced' | 'stopped'

/** What a gateway listens on for clients. */
export const PORTS = [80, 443]

/** The kernel's letters for a process that a signal or a debugger holds. */
const HELD = ['T', 't']
const DEAD = ['Z', 'X']

export function standingOf({
  processes: { processes },
  listeners,
}: Pick<HostObservation, 'processes' | 'listeners'>): Standing {
  const alive = processes.filter(({ state }) => !DEAD.includes(state))
  const serving = alive.filter(({ role }) => role === 'master' || role === 'worker')
  if (serving.length === 0) return listeners.some(isTaken) ? 'displaced' : 'stopped'
  if (serving.every(({ state }) => HELD.includes(state))) return 'halted'
  return serving.some(({ role }) => role === 'master') ? 'running' : 'orphaned'
}

/** Whether another program has a port of the gateway's. */
function isTaken({ port, programs }: Listener): boolean {
  return PORTS.includes(port) && programs.length > 0 && !programs.includes('nginx')
}
