import { loadCertificates } from '../certificate/load.js'
import type { LoadedCertificates } from '../certificate/loaded.js'
import { resolveSecretText } from '../inventory/resolve-secret.js'
import type { Gateway } from '../model/gateway.js'

/**
 * The certificates that a gateway is to serve, with their keys.
 * @param signal ends the search for a key
 * @throws GwError CERTIFICATE_INVALID, SECRET_UNAVAILABLE, INTERRUPTED
 */
export function certificatesOf({ tls, domain }: Gateway, signal: AbortSignal): Promise<LoadedCertificates> {
  return loadCertificates(tls, {
    domain,
    now: new Date(),
    resolveKey: (reference) => resolveSecretText(reference, { env: process.env, signal }),
  })
}
