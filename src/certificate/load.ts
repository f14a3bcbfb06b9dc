import type { Tls } from '../model/tls.js'
import { loadFiles } from './load-files.js'
import type { CertificateOptions, LoadedCertificates } from './loaded.js'
import { keepSelfSigned } from './self-signed.js'

/**
 * The certificates of a gateway: from files, checked as clients will check them, or made here and kept in a folder.
 * @throws GwError CERTIFICATE_INVALID for the first that could not be served, and what `resolveKey` throws
 */
export async function loadCertificates(tls: Tls, options: CertificateOptions): Promise<LoadedCertificates> {
  switch (tls.kind) {
    case 'files':
      return loadFiles(tls.pairs, options)
    case 'self-signed':
      return keepSelfSigned(tls.folder, options)
  }
}
