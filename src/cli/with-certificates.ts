import type { Playbook } from '../engine/playbook.js'
import type { Gateway } from '../model/gateway.js'
import type { Certificate } from '../model/tls.js'
import { certificatesOf } from './certificates.js'
import type { PlaybookRequest } from './playbook-run.js'
import { requireGateway } from './require-gateway.js'

/**
 * A playbook about the inventory's gateway and its certificates: what clients would not accept is refused before a host
 * is contacted. It throws USAGE without a gateway, CERTIFICATE_INVALID, and what fetching a key throws.
 */
export function withCertificates(
  playbookOf: (gateway: Gateway, certificates: readonly Certificate[]) => Playbook,
  signal: AbortSignal,
): PlaybookRequest['playbookFor'] {
  return async (inventory) => {
    const gateway = requireGateway(inventory, 'deploy')
    const { certificates, warnings } = await certificatesOf(gateway, inventory, signal)
    return { playbook: playbookOf(gateway, certificates), warnings }
  }
}
