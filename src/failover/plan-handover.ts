import { lockHeld } from '../engine/lock/fleet-lock.js'
import type { Gateway } from '../model/gateway.js'
import { splitBrain } from '../release/guard-peers.js'
import { isOthers, type Seen } from '../release/peer-sight.js'
import { nobodyHolds, onTrial } from './refusals.js'
import { contendersOf, takerOf } from './taker.js'

/** Who is to give the virtual IP to whom; `to` is null while another run may still change that. */
export interface Handover {
  readonly from: string
  readonly to: string | null
}

interface Planning {
  readonly gateway: Pick<Gateway, 'virtualIp'>
  /** The run that asks. */
  readonly run: string
}

/**
 * Decides by what the gateways say of themselves; that the taker answers is asked before the handover.
 * @throws GwError PEER_UNFIT when there is not one holder and a peer that is fit, or a release is on trial; LOCK_HELD when
 *   another run keeps it from being told who has the virtual IP
 */
export function planHandover(seen: readonly Seen[], { gateway: { virtualIp }, run }: Planning): Handover {
  const [from, ...others] = seen.filter(({ holds }) => holds)
  const peers = seen.filter((each) => each !== from)
  const busy = seen.find(({ lock }) => isOthers(lock, run))
  if (busy?.lock != null) {
    if (from === undefined || others.length > 0) throw lockHeld(busy.name, busy.lock)
    // What it is at makes gateways unfit for a moment: they are judged once it has let them go.
    return { from: from.name, to: contendersOf(peers, virtualIp)[0]?.name ?? null }
  }
  const names = seen.map(({ name }) => name)
  if (from === undefined) throw nobodyHolds(virtualIp.address, names)
  if (others.length > 0) {
    const holders = [from, ...others].map(({ name }) => name)
    throw splitBrain(from.name, holders, virtualIp.address)
  }
  const tried = seen.find(({ trial }) => trial !== null && trial.run !== run)
  if (tried !== undefined) throw onTrial(tried)
  return { from: from.name, to: takerOf(partingOf(from, peers), virtualIp) }
}

/** As if each served what is published there, and all clocks were right. */
function partingOf(from: Seen, peers: readonly Seen[]) {
  const candidates = peers.map((peer) => {
    const { release } = peer.fitness
    const served = release === null ? { instead: 'no release is published there' } : { release }
    return { ...peer, served, clockSkew: 0, reasons: [] }
  })
  return { from, candidates, unseen: [] }
}
