import type { TrialHost } from '../engine/trial.js'
import type { Gateway } from '../model/gateway.js'
import { splitBrain } from '../release/guard-peers.js'
import { lookUntilSettled, whyTaken } from '../release/peer-sight.js'
import { hasMoved } from './refusals.js'
import { takerOf } from './taker.js'

interface Guarded {
  readonly gateway: Pick<Gateway, 'domain' | 'virtualIp'>
  /** The run that asks. */
  readonly run: string
}

/**
 * Refuses when `host` must not give the virtual IP away now: it must have it, it alone, and the gateway that takes it must
 * be fit, and answer. Answers in words who that is.
 * @throws GwError PEER_UNFIT, or what asking `host` throws
 */
export async function guardHandover(
  host: TrialHost,
  peers: readonly TrialHost[],
  { gateway, run }: Guarded,
): Promise<string> {
  const { own, seen, unseen, holders } = await lookUntilSettled(host, peers, gateway)
  const { virtualIp } = gateway
  if (holders.length > 1) throw splitBrain(own.name, holders, virtualIp.address)
  if (!own.holds) throw hasMoved(own.name, virtualIp.address, holders)
  const candidates = seen.map((peer) => ({
    ...peer,
    clockSkew: peer.clock - own.clock,
    reasons: whyTaken(peer, run),
  }))
  return `${takerOf({ from: own, candidates, unseen }, virtualIp)} can take ${virtualIp.address}`
}
