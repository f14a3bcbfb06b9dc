import type { TrialHost } from '../engine/trial.js'
import { GwError } from '../errors.js'
import type { Gateway } from '../model/gateway.js'
import { GATEWAY_FOLDERS, whyUnfit } from './fitness.js'
import { lookUntilSettled, whyTaken, type Unfit } from './peer-sight.js'

interface Guarded {
  /** The run that asks. */
  readonly run: string
  readonly gateway: Pick<Gateway, 'domain' | 'virtualIp'>
  /** The releases that a peer may serve which is to take over: the one that is published, and the one before it. */
  readonly releases: readonly string[]
}

/**
 * Refuses when `host` must not be changed now: while a gateway holds the virtual IP, another one must be able to carry it.
 * Any peer that is fit is that other, whether it holds the address or can take it. Answers in words what protects the change. A gateway without peers has nothing to be protected by.
 * @throws GwError PEER_UNFIT, or what asking `host` throws
 */
export async function guardPeers(
  host: TrialHost,
  peers: readonly TrialHost[],
  { gateway, releases, run }: Guarded,
): Promise<string> {
  if (peers.length === 0) return 'there is no other gateway'
  const { own, seen, unseen, holders } = await lookUntilSettled(host, peers, gateway)
  const { address } = gateway.virtualIp
  if (holders.length > 1) throw splitBrain(own.name, holders, address)
  if (holders.length === 0 && unseen.length === 0) return `no gateway holds ${address}`
  const judged = seen.map((peer) => {
    // What serves clients already need not serve what is published now.
    const demands = { releases: peer.holds ? null : releases, folders: GATEWAY_FOLDERS }
    const reasons = whyUnfit({ ...peer, clockSkew: peer.clock - own.clock }, demands)
    return { name: peer.name, holds: peer.holds, reasons: [...whyTaken(peer, run), ...reasons] }
  })
  const fit = judged.filter(({ reasons }) => reasons.length === 0)
  const protector = fit.find(({ holds }) => holds) ?? fit[0]
  if (protector !== undefined) {
    return `${protector.name} ${protector.holds ? 'holds' : 'can take'} ${address}`
  }
  throw peerUnfit(own.name, address, [...judged, ...unseen])
}

function peerUnfit(host: string, address: string, unfit: readonly Unfit[]): GwError {
  const why = unfit.map(({ name, reasons }) => `${name}: ${reasons.join('; ')}`)
  const message = `no other gateway could carry ${address}, so nothing was changed here`
  return new GwError('PEER_UNFIT', message, {
    host,
    frame: why.join('\n'),
    nextSteps: [
      ...unfit.map(({ name }) => `On ${name}, see: systemctl status nginx.service keepalived.service`),
      'With --allow-unprotected it is changed all the same; clients may then be without a gateway for a while.',
    ],
  })
}

/** The error of a host that is not changed while several gateways have the virtual IP. */
export function splitBrain(host: string, holders: readonly string[], address: string): GwError {
  const message = `split brain: ${holders.join(' and ')} hold ${address} at the same time, so nothing was changed here`
  return new GwError('PEER_UNFIT', message, {
    host,
    nextSteps: [
      `On ${holders.join(' and ')}, see why they do not hear each other: journalctl -u keepalived.service -n 20`,
      'VRRP is protocol 112: a firewall or a switch between them may drop it.',
    ],
  })
}
