import { readAuthority } from '../certificate/kept-authority.js'
import { loadCertificates } from '../certificate/load.js'
import type { LoadedCertificates } from '../certificate/loaded.js'
import { GwError } from '../errors.js'
import { resolveSecretText } from '../inventory/resolve-secret.js'
import { shownPath } from '../inventory/shown-path.js'
import type { Gateway } from '../model/gateway.js'
import type { Inventory } from '../model/inventory.js'
import type { Tls } from '../model/tls.js'

/**
 * The certificates that the inventory's gateway is to serve, with their keys.
 * @param signal ends the search for a key
 * @throws GwError CERTIFICATE_INVALID, SECRET_UNAVAILABLE (both say where they are named), INTERRUPTED
 */
export async function certificatesOf(
  { tls, domain }: Gateway,
  { file }: Inventory,
  signal: AbortSignal,
): Promise<LoadedCertificates> {
  try {
    return await loadCertificates(tls, {
      domain,
      now: new Date(),
      resolveKey: (reference) => resolveSecretText(reference, { env: process.env, signal }),
    })
  } catch (error) {
    if (!(error instanceof GwError) || error.code === 'INTERRUPTED') throw error
    const where = shownPath(file, process.cwd())
    throw error.withNextStep(`\`gateway.tls\` in ${where} names it; correct that if another is meant.`)
  }
}

/** Whom clients trust (PEM): the CA that gw keeps for a lab, else, with none here, the well-known ones. */
export async function rootsOf(tls: Tls): Promise<string[]> {
  const authority = tls.kind === 'self-signed' ? await readAuthority(tls.folder, new Date()) : null
  return authority === null ? [] : [authority.toString()]
}
