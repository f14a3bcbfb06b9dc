import type { LockedHost } from '../engine/lock/by-hand.js'
import type { GwError } from '../errors.js'
import { LOCK } from '../release/settling.js'
import type { Gateways } from './gateways.js'

/** The gateways whose lock somebody has, and why others could not be asked. */
export async function lockedHosts(
  gateways: Gateways,
): Promise<{ locked: readonly LockedHost[]; errors: readonly GwError[] }> {
  const { answers, errors } = await gateways.ask(gateways.hosts, () => [LOCK])
  const locked = gateways.hosts.flatMap((host): LockedHost[] => {
    const lock = answers.get(host.name)?.to(LOCK).lock ?? null
    return lock === null ? [] : [{ host, lock }]
  })
  return { locked, errors }
}
