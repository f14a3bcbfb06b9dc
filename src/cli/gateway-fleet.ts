import { GwError } from '../errors.js'
import type { FleetSelection } from './fleet-flags.js'
import { loadFleet, type Fleet } from './fleet.js'
import { requireGateway } from './require-gateway.js'

/**
 * The gateways of an environment that a command may touch.
 * @param purpose what is done with them: "back up", "restore"
 * @throws GwError as `loadFleet` does, USAGE when the inventory describes no gateway, UNKNOWN_HOST_OR_GROUP when --limit leaves none
 */
export async function loadGateways(selection: FleetSelection, purpose: string): Promise<Fleet> {
  const fleet = await loadFleet(selection)
  const { group } = requireGateway(fleet.inventory, purpose)
  const members = fleet.inventory.groups[group] ?? []
  const hosts = fleet.hosts.filter(({ name }) => members.includes(name))
  if (hosts.length > 0) return { ...fleet, hosts }
  const message = `no gateway (group ${group}) is in --limit ${JSON.stringify(selection.limit)}`
  throw new GwError('UNKNOWN_HOST_OR_GROUP', message, { nextSteps: [`gw inventory show ${fleet.typed}`] })
}
