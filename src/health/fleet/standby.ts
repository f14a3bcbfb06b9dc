import { isActive } from '../../facts/unit.js'
import type { Finding, HostHealth, Judgement, PhaseName, Verdict } from '../../model/health.js'
import { GATEWAY_FOLDERS, LARGEST_SKEW_SECONDS, whyHostUnfit } from '../../release/fitness.js'
import { cleanLine } from '../../shell/clean.js'
import { error, judged, note } from '../judgement.js'
import type { FleetObservation, HostObservation } from '../observation.js'
import { onHost } from '../on-host.js'
import { isPublished } from '../published.js'
import { holdersOf, instanceOf, toldIll, unasked } from './members.js'

/** What a gateway must be well in to carry the virtual IP; a pool's servers are the same from every gateway. */
const NEEDED: readonly PhaseName[] = ['process', 'configuration', 'ports', 'http']

/** Whether every gateway that does not have the virtual IP could take it. What other checks fail for is theirs. */
export function judgeStandby(fleet: FleetObservation, hosts: readonly HostHealth[]): Judgement {
  const holders = holdersOf(fleet)
  const standbys = fleet.hosts.filter(({ holdsAddress }) => !holdsAddress)
  const isShared = holders.length > 1 && standbys.length === 0
  return judged([
    ...(isShared ? [note('no gateway stands by: see the check holder')] : []),
    ...standbys.flatMap((seen) => {
      const phases = hosts.find(({ host }) => host === seen.host)?.phases ?? {}
      return standbyFindings(seen, phases, holders)
    }),
    ...unasked(fleet),
  ])
}

function standbyFindings(
  seen: HostObservation,
  phases: HostHealth['phases'],
  holders: readonly HostObservation[],
): Finding[] {
  const { host, fitness } = seen
  // Where nothing was deployed, not even the folders are there.
  if (!isPublished(seen)) return [toSee(seen, ['its phase configuration'])]
  const without = holders.length === 0
  // Without a holder, the check holder tells of the network.
  const reasons = whyHostUnfit(without ? { ...fitness, linkUp: true } : fitness, GATEWAY_FOLDERS)
  if (reasons.length > 0) {
    const message = `${host} could not take the virtual IP: ${reasons.map(cleanLine).join('; ')}`
    return [error(message, onHost(host, fitness.linkUp ? 'df -h / /var/lib/gw /var/log' : 'ip -br link'))]
  }
  if (without) return seeFindings(seen, phases, holders)
  return [...deafFindings(seen), ...seeFindings(seen, phases, holders)]
}

/** A keepalived that takes no note of its files would take the virtual IP, and not give it back. Of FAULT, vrrp tells. */
function deafFindings(seen: HostObservation): Finding[] {
  const told = toldIll(seen)
  if (told === null || instanceOf(seen)?.state !== 'BACKUP') return []
  const { host } = seen
  const message = `${host} cannot be relied on to take the virtual IP and to give it back: ${told.words}, and its keepalived has not noticed`
  return [error(message, onHost(host, `'${told.help}; systemctl restart keepalived'`))]
}

function seeFindings(
  seen: HostObservation,
  phases: HostHealth['phases'],
  holders: readonly HostObservation[],
): Finding[] {
  const [see] = [
    phasesWith('fail', phases),
    checksToSee(seen, holders),
    phasesWith('inconclusive', phases),
  ].filter((names) => names.length > 0)
  return see === undefined ? [] : [toSee(seen, see)]
}

function toSee({ host }: HostObservation, places: readonly string[]): Finding {
  return note(`whether ${host} could take the virtual IP cannot be told: see ${places.join(' and ')}`)
}

function phasesWith(verdict: Verdict, phases: HostHealth['phases']): string[] {
  return NEEDED.filter((phase) => (phases[phase]?.verdict ?? 'inconclusive') === verdict).map(
    (phase) => `its phase ${phase}`,
  )
}

/** Checks of the fleet that say themselves why this gateway could not take it. */
function checksToSee(seen: HostObservation, [holder]: readonly HostObservation[]): string[] {
  if (holder === undefined) return ['the check holder']
  const isBackup = isActive(seen.units.keepalived) && instanceOf(seen)?.state === 'BACKUP'
  const skew = Math.abs(seen.clockOffset - holder.clockOffset)
  return [
    ...(isBackup ? [] : ['the check vrrp']),
    ...(seen.store.current === holder.store.current ? [] : ['the check releases']),
    ...(skew <= LARGEST_SKEW_SECONDS ? [] : ['the check clocks']),
  ]
}
