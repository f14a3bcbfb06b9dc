import type { Playbook } from '../engine/playbook.js'
import type { Inventory } from '../model/inventory.js'
import type { Certificate } from '../model/tls.js'
import { certificatesOf } from './certificates.js'
import type { PlaybookRequest } from './playbook-run.js'

/**
 * A playbook that is made with the gateway's certificates: what clients would not accept is refused before a host is
 * contacted. It throws CERTIFICATE_INVALID, and what fetching a key throws.
 */
export function withCertificates(
  playbookOf: (inventory: Inventory, certificates: readonly Certificate[]) => Playbook,
  signal: AbortSignal,
): PlaybookRequest['playbookFor'] {
  return async (inventory) => {
    const { gateway } = inventory
    if (gateway === null) return { playbook: playbookOf(inventory, []), warnings: [] }
    const { certificates, warnings } = await certificatesOf(gateway, signal)
    return { playbook: playbookOf(inventory, certificates), warnings }
  }
}
