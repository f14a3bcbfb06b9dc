import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import type { Fleet } from './fleet.js'

/**
 * The gateways among the hosts that a command may touch; in an inventory without a gateway, all of these.
 * @throws GwError UNKNOWN_HOST_OR_GROUP when there are none
 */
export function gatewayHosts({ inventory: { gateway }, hosts, typed }: Fleet): readonly Host[] {
  const found = gateway === null ? hosts : hosts.filter(({ groups }) => groups.includes(gateway.group))
  if (found.length > 0) return found
  throw new GwError('UNKNOWN_HOST_OR_GROUP', 'no gateway is among the hosts of --limit', {
    nextSteps: [`gw inventory show ${typed} lists hosts and groups.`],
  })
}
