import { clientsJson, silenceOfKind } from './clients-json.js'
import type { FailoverView } from './failover-text.js'

/** What `--json` has of a failover that did not come to its handover. */
export const NO_HANDOVER = { from: null, to: null, outageMs: null, sent: null, failed: null, clients: {} }

/** The same of one that did; figures that were not measured are null. */
export function failoverJson({ from, to, measured: { clients } }: FailoverView): Record<string, unknown> {
  return { from, to, outageMs: silenceOfKind(clients, 'tls'), ...clientsJson(clients) }
}
