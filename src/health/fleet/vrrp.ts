import { isActive } from '../../facts/unit.js'
import type { VrrpInstance } from '../../facts/vrrp-state.js'
import type { Gateway, VirtualIp } from '../../model/gateway.js'
import type { Finding, Judgement } from '../../model/health.js'
import { driftOf } from '../../release/drift.js'
import { LINKS } from '../../release/links.js'
import { cleanLine } from '../../shell/clean.js'
import { bootFindings } from '../boot.js'
import { error, judged, note, warning } from '../judgement.js'
import type { FleetObservation, HostObservation } from '../observation.js'
import { onHost } from '../on-host.js'
import { isPublished } from '../published.js'
import { faultCause, holdersOf, instanceOf, toldIll, unasked } from './members.js'

/** Whether keepalived runs everywhere as the inventory wants it, and is in the state that its host's part demands. */
export function judgeVrrp(fleet: FleetObservation, { virtualIp }: Gateway): Judgement {
  const holders = holdersOf(fleet)
  const answered = fleet.hosts.flatMap((seen) => {
    if (!isPublished(seen)) return [unpublishedNote(seen)]
    if (!isActive(seen.units.keepalived)) return inactive(seen, holders)
    const instance = instanceOf(seen)
    if (instance === null) return [untold(seen)]
    return [
      ...settingFindings(seen, instance, virtualIp),
      ...stateFindings(seen, instance, holders),
      ...atBootFindings(seen),
    ]
  })
  // Without a holder, or with several, no state is the right one.
  const isOpen =
    holders.length !== 1 &&
    answered.every(({ severity }) => severity === 'warning') &&
    fleet.unreachable.length === 0
  const open = isOpen ? [note('which states are right cannot be told: see the check holder')] : []
  return judged([...answered, ...open, ...unasked(fleet)])
}

function unpublishedNote({ host }: HostObservation): Finding {
  return note(`what keepalived of ${host} should be cannot be told: see the phase configuration of ${host}`)
}

function inactive(seen: HostObservation, holders: readonly HostObservation[]): Finding[] {
  const { host, units, configuration } = seen
  const message = `keepalived of ${host} does not run`
  if (holders.length > 1 && holders.includes(seen)) return [note(`${message}: see the check holder`)]
  if (!configuration.keepalived.passed) {
    return [note(`${message}, since it refuses its file: see the phase configuration of ${host}`)]
  }
  const unit = units.keepalived
  const state = unit === null ? 'neither does systemd' : `keepalived.service is ${cleanLine(unit.active)}`
  const help = unit?.active === 'failed' ? 'journalctl -u keepalived -n 20' : 'systemctl start keepalived'
  return [error(`${message}: ${state}`, onHost(host, help))]
}

function atBootFindings({ host, units: { keepalived } }: HostObservation): Finding[] {
  if (keepalived === null) return []
  return bootFindings(host, 'keepalived', keepalived).map((each) => ({
    ...each,
    message: `on ${host}, ${each.message}`,
  }))
}

/** It runs, but did not tell of the instance that gives a gateway its part. */
function untold({ host, vrrp }: HostObservation): Finding {
  if (vrrp === null)
    return note(`keepalived of ${host} did not tell its state`, onHost(host, 'systemctl status keepalived'))
  return error(
    `keepalived of ${host} has no VRRP instance of the name gateway, so it runs with another file than gw's`,
    onHost(host, 'systemctl reload keepalived'),
  )
}

/** What was edited by hand is a drift of the configuration, and no second fault here. */
function settingFindings(
  { host, store }: HostObservation,
  { virtualRouterId, interface: device, priority }: VrrpInstance,
  vip: VirtualIp,
): Finding[] {
  if (driftOf(store).some(({ path }) => path === LINKS.keepalived.file)) return []
  const help = 'gw plan ENV shows the difference; gw deploy ENV takes it back'
  const wanted = vip.priorities[host]
  const differs = (what: string, is: string | number, should: string | number) =>
    `keepalived of ${host} has the ${what} ${is}, and ${should} in the inventory`
  return [
    ...(virtualRouterId === vip.virtualRouterId
      ? []
      : [error(differs('virtual router id', virtualRouterId, vip.virtualRouterId), help)]),
    ...(device === vip.interface
      ? []
      : [error(differs('interface', cleanLine(device), vip.interface), help)]),
    ...(wanted === undefined || priority === wanted
      ? []
      : [warning(differs('priority', priority, wanted), help)]),
  ]
}

function stateFindings(
  seen: HostObservation,
  { state }: VrrpInstance,
  holders: readonly HostObservation[],
): Finding[] {
  const [holder, ...more] = holders
  if (holder === undefined || more.length > 0) return []
  const { host } = seen
  if (state === (seen === holder ? 'MASTER' : 'BACKUP')) return seen === holder ? deafFindings(seen) : []
  if (state === 'INIT') return [note(`keepalived of ${host} has only started`)]
  if (state === 'FAULT') return [faultFinding(seen)]
  const has = seen === holder ? 'has' : 'does not have'
  return [
    error(
      `keepalived of ${host} is in state ${state}, though ${host} ${has} the virtual IP`,
      onHost(host, 'systemctl restart keepalived'),
    ),
  ]
}

/** A holder whose keepalived takes no note of its files keeps the virtual IP when NGINX ends. */
function deafFindings(seen: HostObservation): Finding[] {
  const told = toldIll(seen)
  if (told === null) return []
  const { host } = seen
  const message = `keepalived of ${host} would keep the virtual IP without NGINX: ${told.words}, and it has not noticed`
  return [error(message, onHost(host, `'${told.help}; systemctl restart keepalived'`))]
}

function faultFinding(seen: HostObservation): Finding {
  const { host } = seen
  const { kind, words, help } = faultCause(seen)
  const message = `keepalived of ${host} is in state FAULT, since ${words}`
  if (kind === 'nginx') return note(message)
  if (kind === 'link') return note(`${message}: see the check standby`)
  return error(message, onHost(host, help))
}
