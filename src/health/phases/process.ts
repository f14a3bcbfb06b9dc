import type { NginxProcess } from '../../facts/nginx-processes.js'
import { isActive, type UnitState } from '../../facts/unit.js'
import type { Finding, Judgement } from '../../model/health.js'
import { LIVENESS } from '../../model/own-paths.js'
import { error, judged, note, unjudged, warning } from '../judgement.js'
import { drainingFindings, generationsOf } from '../draining.js'
import { certificateComplaints, lastWords, shown } from '../nginx-words.js'
import type { HostObservation } from '../observation.js'
import { bootFindings } from '../boot.js'
import { onHost } from '../on-host.js'
import { unpublished } from '../published.js'
import {
  isForProber,
  isHeld,
  isTaken,
  living,
  masterOf,
  standingOf,
  type Standing,
  workersOf,
  workersWanted,
} from '../standing.js'
import { unreadFile } from '../unread.js'

/** NGINX's processes: master, workers, generations that finish, orphans; and the prober beside it. */
export function judgeProcess(seen: HostObservation): Judgement {
  return unpublished(seen) ?? judgedBy(standingOf(seen), seen)
}

function judgedBy(standing: Standing, seen: HostObservation): Judgement {
  switch (standing) {
    case 'displaced':
      return unjudged(`NGINX does not run, since ${takers(seen)} has its port: see the phase ports`)
    case 'stopped':
      return stopped(seen)
    case 'orphaned':
      return judged([...heldFindings(seen), ...orphanFindings(seen), ...zombieFindings(seen)])
    case 'halted':
    case 'running':
      return judged([
        ...heldFindings(seen),
        ...workerFindings(seen),
        ...masterFindings(seen),
        ...unitFindings(seen),
        ...orphanFindings(seen),
        ...drainingFindings(seen),
        ...zombieFindings(seen),
        ...proberFindings(seen),
      ])
  }
}

function takers({ listeners }: HostObservation): string {
  const names = new Set(listeners.filter(isTaken).flatMap(({ programs }) => programs))
  return [...names].map((name) => shown(name)).join(' and ')
}

function stopped(seen: HostObservation): Judgement {
  const { host, units, configuration } = seen
  const unit = units.nginx
  if (unit === null) return judged([error('NGINX does not run, and neither does systemd', '')])
  if (unit.load === 'not-found') {
    return judged([error('NGINX does not run: there is no nginx.service', 'gw deploy ENV')])
  }
  // Whoever stopped it did so whatever its files are like; that it cannot start is the files' fault alone.
  if (unit.active !== 'inactive' && !configuration.nginx.passed) {
    const phase =
      certificateComplaints(configuration.nginx.output).length > 0 ? 'certificate' : 'configuration'
    return unjudged(`NGINX does not run, since it refuses its files: see the phase ${phase}`)
  }
  return judged([
    error(`NGINX does not run: ${whyStopped(unit)}${lastWords(seen)}`, onHost(host, helpStopped(unit))),
  ])
}

function helpStopped({ load, active }: UnitState): string {
  if (load === 'masked') return "'systemctl unmask nginx; systemctl start nginx'"
  return active === 'inactive' ? 'systemctl start nginx' : 'journalctl -u nginx -n 20'
}

function whyStopped({ load, active }: UnitState): string {
  if (load === 'masked') return 'nginx.service is masked'
  switch (active) {
    case 'inactive':
      return 'nginx.service was stopped'
    case 'failed':
      return 'nginx.service has failed, and systemd does not start it again'
    case 'activating':
      return 'systemd keeps trying to start it'
    default:
      return `nginx.service is ${shown(active)} all the same`
  }
}

function heldFindings({ host, processes: { processes } }: HostObservation): Finding[] {
  const held = living(processes).filter((each) => isHeld(each) && each.role !== 'other')
  if (held.length === 0) return []
  return [
    error(
      `a signal (SIGSTOP) or a debugger makes ${named(held)} of NGINX stand still`,
      onHost(host, `kill -CONT ${held.map(({ pid }) => pid).join(' ')}`),
    ),
  ]
}

/** E.g. `the master 700 and the workers 811, 812`. */
function named(processes: readonly NginxProcess[]): string {
  const pids = (role: NginxProcess['role']) =>
    processes.filter((each) => each.role === role).map(({ pid }) => pid)
  return (
    [
      ['master', pids('master')],
      ['worker', pids('worker')],
      ['draining worker', pids('draining')],
      ['helper', pids('helper')],
      ['process', pids('other')],
    ] as const
  )
    .filter(([, found]) => found.length > 0)
    .map(([role, found]) => `the ${counted(role, found.length)} ${shownPids(found)}`)
    .join(' and ')
}

function counted(noun: string, count: number): string {
  if (count === 1) return noun
  return noun === 'process' ? 'processes' : `${noun}s`
}

const PIDS_SHOWN = 8

function shownPids(pids: readonly number[]): string {
  const rest = pids.length > PIDS_SHOWN ? [`${pids.length - PIDS_SHOWN} more`] : []
  return [...pids.slice(0, PIDS_SHOWN), ...rest].join(', ')
}

/** A surplus that has just come about is a reload at work. */
const RELOAD_SECONDS = 5

function workerFindings(seen: HostObservation): Finding[] {
  const { host, processes } = seen
  const workers = workersOf(processes)
  const wanted = workersWanted(processes)
  const isReloading = (workers[0]?.ageSeconds ?? 0) < RELOAD_SECONDS
  if (wanted === workers.length || (wanted !== null && workers.length > wanted && isReloading)) return []
  if (workers.length > 0 && wanted === null) {
    return [note('nginx.conf does not say how many workers there are to be: see the phase configuration')]
  }
  if (workers.length > 0 && (isSettingUnread(seen) || !seen.configuration.nginx.passed)) {
    return [note('NGINX has not read how many workers there are to be: see the phase configuration')]
  }
  const ages = workers.map(({ ageSeconds }) => ageSeconds)
  const isByProcessors =
    processes.workerProcesses === 'auto' &&
    (workers.length < processes.processors || generationsOf(ages) === 1)
  if (workers.length > 0 && isByProcessors)
    return [otherProcessors(host, workers.length, processes.processors)]
  const asked = wanted === null ? '' : `, and nginx.conf asks for ${wanted}`
  const message = `NGINX has ${number('worker', workers.length)}${asked}`
  return [error(message, onHost(host, 'tail -n 20 /var/log/nginx/error.log'))]
}

/** Nobody can tell a processor that was added from a worker that is missing; the others serve on. */
function otherProcessors(host: string, workers: number, processors: number): Finding {
  const missing = workers < processors ? ', or one that ended was not replaced' : ''
  return warning(
    `NGINX has ${number('worker', workers)} for ${number('processor', processors)}: it counts them only when it is started${missing}`,
    onHost(host, 'systemctl restart nginx'),
  )
}

function number(noun: string, count: number): string {
  return `${count} ${counted(noun, count)}`
}

/** Pools and certificates have phases of their own, and none of them says anything of workers. */
const OTHERS = ['keepalived/', 'nginx/gw/pools/', 'nginx/gw/tls/']

function isSettingUnread(seen: HostObservation): boolean {
  const unread = unreadFile(seen)
  return unread !== null && !OTHERS.some((folder) => unread.inRelease.startsWith(folder))
}

function masterFindings({ host, processes }: HostObservation): Finding[] {
  const master = masterOf(processes)
  if (master === null) return []
  const others = living(processes.processes).filter(
    ({ role, pid }) => role === 'master' && pid !== master.pid,
  )
  return [
    ...pidFileFindings(host, master, processes.pidFile),
    ...others.map((each) => secondMaster(host, each)),
  ]
}

function pidFileFindings(host: string, { pid }: NginxProcess, pidFile: number | null): Finding[] {
  if (pid === pidFile) return []
  const what = pidFile === null ? 'is missing or empty' : `names ${pidFile}`
  return [
    error(
      `/run/nginx.pid ${what}, though the master is ${pid}: a reload does not reach it`,
      onHost(host, `'echo ${pid} >/run/nginx.pid'`),
    ),
  ]
}

function secondMaster(host: string, { pid }: NginxProcess): Finding {
  return error(
    `a second NGINX runs, its master is ${pid}: it was started past nginx.service, or is left from an upgrade`,
    onHost(host, `kill -QUIT ${pid}`),
  )
}

function unitFindings({ host, units: { nginx: unit }, processes }: HostObservation): Finding[] {
  const master = masterOf(processes)
  if (master === null) return []
  if (unit === null)
    return [warning('systemd does not run here, so nobody starts NGINX again when it dies', '')]
  if (!isActive(unit) || unit.mainPid !== master.pid) {
    return [pastSystemd(host, unit, master)]
  }
  return bootFindings(host, 'nginx', unit)
}

function pastSystemd(host: string, { active, mainPid }: UnitState, { pid }: NginxProcess): Finding {
  const what = active === 'active' ? `its main process is ${mainPid}` : `it is ${shown(active)}`
  return error(
    `nginx.service knows nothing of the master ${pid} (${what}): systemd neither reloads it nor starts it again`,
    onHost(host, `'kill -QUIT ${pid}; systemctl restart nginx'`),
  )
}

function orphanFindings({ host, processes: { processes } }: HostObservation): Finding[] {
  const alive = living(processes)
  const masters = alive.filter(({ role }) => role === 'master').map(({ pid }) => pid)
  const orphans = alive.filter(({ role, parent }) => role === 'worker' && !masters.includes(parent))
  if (orphans.length === 0) return []
  const restart = masters.length === 0 ? '; systemctl restart nginx' : ''
  return [
    error(
      `the master of ${named(orphans)} of NGINX was killed: what it left serves on with its old files, and nobody replaces it`,
      onHost(host, `'kill -QUIT ${orphans.map(({ pid }) => pid).join(' ')}${restart}'`),
    ),
  ]
}

/** The dead children of a master that is held are its own matter. */
function zombieFindings({ host, processes: { processes } }: HostObservation): Finding[] {
  const held = processes.filter(isHeld).map(({ pid }) => pid)
  const zombies = processes.filter(({ state, parent }) => state === 'Z' && !held.includes(parent))
  if (zombies.length === 0) return []
  const parents = [...new Set(zombies.map(({ parent }) => parent))]
  const message = `the parent ${shownPids(parents)} takes no note of the end of ${named(zombies)} of NGINX`
  return [warning(message, onHost(host, 'ps -o pid,ppid,stat,args -C nginx'))]
}

function proberFindings(seen: HostObservation): Finding[] {
  const {
    host,
    units: { nginx, liveness },
  } = seen
  if (nginx === null) return []
  const cost = 'an NGINX that hangs would keep the virtual IP'
  if (liveness === null || liveness.load === 'not-found') {
    return [warning(`gw-liveness.service is not installed: ${cost}`, 'gw deploy ENV')]
  }
  if (liveness.active === 'active') {
    if (isAsked(seen)) return bootFindings(host, 'gw-liveness', liveness)
    const { address, port } = LIVENESS
    const message = `NGINX does not listen on ${address}:${port}, as in releases from before gw-liveness: ${cost}`
    return [warning(message, 'gw deploy ENV')]
  }
  return [
    warning(
      `gw-liveness.service is ${shown(liveness.active)}: ${cost}`,
      onHost(host, 'systemctl restart gw-liveness'),
    ),
  ]
}

/** Whether the prober has something to ask; some hosts do not say whose a socket is. */
function isAsked({ listeners }: HostObservation): boolean {
  return listeners.some(
    (each) => isForProber(each) && (each.programs.length === 0 || each.programs.includes('nginx')),
  )
}
