import { GwError } from '../errors.js'
import type { Gateway } from '../model/gateway.js'
import type { Inventory } from '../model/inventory.js'

/** @throws GwError USAGE when the inventory describes no gateway; `purpose` says what cannot be done: "deploy", "render" */
export function requireGateway({ gateway, file }: Inventory, purpose: string): Gateway {
  if (gateway !== null) return gateway
  const message = `the inventory describes no gateway, so there is nothing to ${purpose}: ${file}`
  throw new GwError('USAGE', message, {
    nextSteps: ['Add a `gateway:` section, as inventory/production.yml has one.'],
  })
}
