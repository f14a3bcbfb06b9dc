import { isActive } from '../facts/unit.js'
import type { VirtualIp } from '../model/gateway.js'
import { GATEWAY_FOLDERS, whyUnfit, type Condition } from '../release/fitness.js'
import type { Seen, Unfit } from '../release/peer-sight.js'
import { nobodyFit } from './refusals.js'

/** A gateway that might take the virtual IP. */
export interface Candidate extends Seen, Pick<Condition, 'served' | 'clockSkew'> {
  /** Why it should not, besides what it is like. */
  readonly reasons: readonly string[]
}

/** Who gives the virtual IP away, and what is known of the others. */
export interface Parting {
  readonly from: Seen
  readonly candidates: readonly Candidate[]
  /** Those of which nothing is known. */
  readonly unseen: readonly Unfit[]
}

/**
 * The gateway that takes the virtual IP when `from` gives it away: who that is decides keepalived, and not fitness.
 * @throws GwError PEER_UNFIT unless it is fit to carry it, and serves the release that `from` has published
 */
export function takerOf({ from, candidates, unseen }: Parting, vip: VirtualIp): string {
  const releases = from.fitness.release === null ? [] : [from.fitness.release]
  const judged = candidates.map((candidate): Unfit => ({
    name: candidate.name,
    reasons: [...candidate.reasons, ...whyUnfit(candidate, { releases, folders: GATEWAY_FOLDERS })],
  }))
  const [first] = contendersOf(candidates, vip)
  const taker = judged.find(({ name }) => name === first?.name)
  if (taker?.reasons.length === 0) return taker.name
  const unfit = judged.filter(({ reasons }) => reasons.length > 0)
  throw nobodyFit(from.name, vip.address, [...unfit, ...unseen])
}

/** Gateways whose keepalived would take the virtual IP; the first one does. */
export function contendersOf<Gateway extends Seen>(seen: readonly Gateway[], vip: VirtualIp): Gateway[] {
  const priority = ({ name }: Gateway): number => vip.priorities[name] ?? 0
  return seen.filter(contends).toSorted((one, other) => priority(other) - priority(one))
}

function contends({ keepalived, fitness }: Seen): boolean {
  const { nginxState, livenessState, linkUp } = fitness
  return isActive(keepalived) && nginxState === '0' && ['0', null].includes(livenessState) && linkUp
}
