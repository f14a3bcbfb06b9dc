import { isActive } from '../../facts/unit.js'
import type { Gateway } from '../../model/gateway.js'
import type { Finding, Judgement } from '../../model/health.js'
import { healthIn, isNode } from '../../release/health-answer.js'
import { cleanLine } from '../../shell/clean.js'
import { error, judged, note, unjudged } from '../judgement.js'
import type { AddressProbe, FleetObservation, HostObservation } from '../observation.js'
import { onHost } from '../on-host.js'
import { isPublished } from '../published.js'
import { faultCause, holdersOf, instanceOf, isServing, namesOf, phaseToSee, unasked } from './members.js'

/** Whether exactly one gateway has the virtual IP, as all of them say and as others see it. */
export function judgeHolder(fleet: FleetObservation, { virtualIp }: Gateway): Judgement {
  const holders = holdersOf(fleet)
  const [holder] = holders
  if (holders.length > 1) return judged([severalHolders(holders, virtualIp)])
  if (holder === undefined) return noHolder(fleet, virtualIp.address)
  const others = unasked(fleet).map(({ message }) =>
    note(`${holder.host} has ${virtualIp.address}, but ${message}, and may have it as well`),
  )
  const outside = outsideFindings(holder, fleet, virtualIp.address)
  return judged([
    ...others,
    ...(isActive(holder.units.keepalived) ? outside : outside.map(withoutKeepalived)),
  ])
}

/** The address that a dead keepalived left behind is another gateway's by now. */
function withoutKeepalived({ message }: Finding): Finding {
  return note(`${message}: see the check vrrp`)
}

/** The host that has the virtual IP; null unless exactly one has. */
export function holderOf(fleet: FleetObservation): string | null {
  const [holder, ...others] = holdersOf(fleet)
  return holder === undefined || others.length > 0 ? null : holder.host
}

function severalHolders(holders: readonly HostObservation[], vip: Gateway['virtualIp']): Finding {
  const { address, prefixLength, interface: device } = vip
  const both = `${namesOf(holders)} have ${address} at the same time`
  const left = holders.find(({ units }) => !isActive(units.keepalived))
  if (left !== undefined) {
    return error(
      `${both}: keepalived of ${left.host} does not run and left the address behind`,
      onHost(left.host, 'systemctl start keepalived'),
    )
  }
  const added = holders.find((each) => ['BACKUP', 'FAULT'].includes(instanceOf(each)?.state ?? ''))
  if (added !== undefined) {
    return error(
      `${both}: keepalived of ${added.host} does not hold it, so something else put it there`,
      onHost(added.host, `ip address del ${address}/${prefixLength} dev ${device}`),
    )
  }
  const [mute, ...others] = holders.filter((each) => instanceOf(each) === null)
  // Where none tells it, something else keeps them from it.
  if (mute !== undefined && others.length + 1 < holders.length) {
    return error(
      `${both}: keepalived of ${mute.host} does not tell its state, as one that stands still`,
      onHost(mute.host, 'systemctl status keepalived --no-pager'),
    )
  }
  const ids = new Set(holders.map((each) => instanceOf(each)?.virtualRouterId))
  const why =
    ids.size > 1
      ? `their virtual router ids differ (${[...ids].join(', ')})`
      : 'they do not hear the adverts of each other, which are protocol 112'
  const help = onHost(holders.map(({ host }) => host).join(','), 'journalctl -u keepalived -n 20')
  return error(`${both}: ${why}`, help)
}

/** Why a host is without the virtual IP. */
interface Without {
  readonly words: string
  /** What helps there. */
  readonly help: string
  /** Whether another phase or check fails for it. */
  readonly elsewhere: boolean
}

function noHolder(fleet: FleetObservation, address: string): Judgement {
  const reasons = fleet.hosts.map(whyWithout)
  const why = reasons.map(({ words }) => words).join('; ')
  const [unknown] = unasked(fleet)
  if (unknown !== undefined) {
    const said = fleet.hosts.length === 0 ? '' : `no other gateway has it (${why}), and `
    return unjudged(`nobody knows who has ${address}: ${said}${unknown.message}`)
  }
  const message = `no gateway has ${address}: ${why}`
  const mendable = reasons.find(({ elsewhere }) => !elsewhere)
  if (mendable === undefined) return unjudged(message)
  return judged([error(message, mendable.help)])
}

function whyWithout(seen: HostObservation): Without {
  const { host, units } = seen
  const help = onHost(host, 'journalctl -u keepalived -n 20')
  if (!isPublished(seen))
    return { words: `${host} has no release (see its phase configuration)`, help, elsewhere: true }
  if (!isActive(units.keepalived))
    return { words: `keepalived of ${host} does not run (see the check vrrp)`, help, elsewhere: true }
  const state = instanceOf(seen)?.state
  if (state === undefined)
    return { words: `keepalived of ${host} does not tell its state`, help, elsewhere: false }
  if (state !== 'FAULT') return { words: `${host} is ${state}`, help, elsewhere: false }
  const cause = faultCause(seen)
  return {
    words: `${host} is in FAULT, since ${cause.words}`,
    help: onHost(host, cause.help),
    elsewhere: cause.kind === 'nginx',
  }
}

/** The virtual IP as somebody sees it who does not have it. */
interface View {
  /** null for this machine. */
  readonly host: string | null
  readonly probe: AddressProbe
}

/** Those who are sure to have a way to the virtual IP: the peers of its holder, and where there can be none, itself. */
function witnesses(holder: HostObservation, { hosts, unreachable }: FleetObservation): View[] {
  const isSingle = hosts.length + unreachable.length === 1
  return hosts
    .filter((seen) => isSingle || (seen !== holder && seen.fitness.linkUp))
    .map((seen): View => ({ host: seen.host, probe: seen.address }))
}

/** This machine may have no way to the virtual IP at all. */
function outsideFindings(holder: HostObservation, fleet: FleetObservation, address: string): Finding[] {
  const peers = witnesses(holder, fleet)
  const views = [...peers, { host: null, probe: fleet.address }].filter(
    ({ probe }) => !('failure' in probe && probe.failure === 'forbidden'),
  )
  const answered = views.filter(({ probe }) => 'answer' in probe)
  if (answered.length > 0) {
    // The same stranger is seen by all.
    return answered.flatMap((view) => strangerFindings(view, holder, address)).slice(0, 1)
  }
  if (!isServing(holder)) {
    const phase = phaseToSee(holder)
    return [
      note(`${address} does not answer, as ${holder.host}, which has it, does not: see its phase ${phase}`),
    ]
  }
  const [view] = views
  if (view === undefined || !('failure' in view.probe)) return []
  const why = cleanLine(view.probe.why)
  if (view.host === null)
    return [
      note(`no other gateway could be asked for ${address}, and this machine does not reach it: ${why}`),
    ]
  return [
    error(
      `${holder.host} has ${address} and serves, but ${view.host} gets no answer there: ${why}`,
      onHost(view.host, `ip neighbour show ${address}`),
    ),
  ]
}

/** Somebody else who has the address answers in place of the holder. */
function strangerFindings({ host, probe }: View, holder: HostObservation, address: string): Finding[] {
  if ('failure' in probe) return []
  const health = healthIn(probe.answer)
  const from = host ?? 'this machine'
  const help = host === null ? `ip neighbour show ${address}` : onHost(host, `ip neighbour show ${address}`)
  if ('instead' in health) {
    if (!isServing(holder)) {
      return [
        note(
          `who answers at ${address} cannot be told: see the phase ${phaseToSee(holder)} of ${holder.host}`,
        ),
      ]
    }
    const message = `${holder.host} has ${address}, but for ${from} something else answers there: ${health.instead}`
    return [error(message, help)]
  }
  if (health.node === null || isNode(health.node, holder.nodeName)) return []
  const node = cleanLine(health.node)
  return [error(`${holder.host} has ${address}, but for ${from} it is ${node} that answers there`, help)]
}
