import type { Finding } from '../model/health.js'
import { healthIn, isNode } from '../release/health-answer.js'
import { isRenewed, onDisk } from './certificate-files.js'
import { error } from './judgement.js'
import type { AddressProbe, FleetObservation } from './observation.js'
import {
  nameOf,
  shownIn,
  shownOf,
  type Algorithm,
  type FleetCertificates,
  type SeenCertificates,
} from './shown-certificates.js'

const ALGORITHMS = ['ecdsa', 'rsa'] as const

/** What a gateway shows, beside what the others show: clients must not see a change when the virtual IP moves. */
export function pairFindings(own: SeenCertificates, all: FleetCertificates): Finding[] {
  const holders = all.certificates.filter(({ seen }) => seen.holdsAddress)
  const [holder] = holders
  if (holder === undefined || holders.length > 1) return differences(own, all.certificates)
  return holder.seen.host === own.seen.host ? addressFindings(holder, all.fleet) : differences(own, [holder])
}

function differences(own: SeenCertificates, others: readonly SeenCertificates[]): Finding[] {
  return ALGORITHMS.flatMap((algorithm) => {
    const different = others.filter((other) => differ(own, other, algorithm)).map(({ seen }) => seen.host)
    if (different.length === 0) return []
    const message = `the ${nameOf(algorithm)} is another one than that of ${different.join(' and ')}`
    return [
      error(message, 'gw plan ENV shows which one is not as published; gw deploy ENV --overwrite mends it'),
    ]
  })
}

/** Not those that differ since the releases do, or will not when NGINX has read what lies there: that is told elsewhere. */
function differ(one: SeenCertificates, other: SeenCertificates, algorithm: Algorithm): boolean {
  const [mine, theirs] = [one, other].map((each) => shownOf(each, algorithm)?.fingerprint)
  if (mine === undefined || theirs === undefined || mine === theirs) return false
  return (
    one.seen.store.current === other.seen.store.current &&
    afterReload(one, algorithm) !== afterReload(other, algorithm)
  )
}

/** The fingerprint of what a gateway would show after a reload. */
function afterReload(own: SeenCertificates, algorithm: Algorithm): string | undefined {
  return isRenewed(own, algorithm)
    ? (onDisk(own, algorithm) ?? undefined)
    : shownOf(own, algorithm)?.fingerprint
}

/** What clients get through the virtual IP, as this machine and the other gateways see it. */
function addressFindings(holder: SeenCertificates, { address, hosts }: FleetObservation): Finding[] {
  const views = [
    { from: 'this machine', probe: address },
    ...hosts
      .filter(({ host }) => host !== holder.seen.host)
      .map((each) => ({ from: each.host, probe: each.address })),
  ]
  const wrong = views.filter(({ probe }) => isOther(probe, holder)).map(({ from }) => from)
  if (wrong.length === 0) return []
  return [
    error(
      `through the virtual IP another certificate is shown than by this host, which holds it (seen from ${wrong.join(' and ')})`,
      'Something between the clients and the gateways answers in their place: a proxy, or another host with the address',
    ),
  ]
}

/** An answer of another gateway is the check holder's. */
function isOther(probe: AddressProbe, holder: SeenCertificates): boolean {
  const shown = shownIn(probe)
  if (shown === null || 'failure' in probe || shown.algorithm === null) return false
  const health = healthIn(probe.answer)
  const node = 'instead' in health ? null : health.node
  if (node !== null && !isNode(node, holder.seen.nodeName)) return false
  const own = shownOf(holder, shown.algorithm)
  return own !== undefined && own.fingerprint !== shown.fingerprint
}
