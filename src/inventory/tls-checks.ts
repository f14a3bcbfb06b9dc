import { ON_KEY } from './check.js'
import type { Check } from './check.js'

/** One with an RSA key and one with an ECDSA key. */
const MOST_PAIRS = 2

export function checkTls({ file: { gateway }, report }: Check): void {
  const tls = gateway?.tls
  if (tls === undefined || tls === 'self-signed') return
  const path = ['gateway', 'tls']
  if (tls.self_signed === undefined && tls.files === undefined)
    report(path, '`tls` needs `self_signed` or `files`', ON_KEY)
  else if (tls.self_signed !== undefined && tls.files !== undefined)
    report(path, 'certificates are `self_signed` or come from `files`, not both', ON_KEY)
  if (!Array.isArray(tls.files)) return
  const certificates = tls.files.map(({ certificate }) => certificate)
  if (certificates.length === 0) report([...path, 'files'], '`files` names no certificate', ON_KEY)
  certificates.forEach((certificate, index) => {
    if (certificates.indexOf(certificate) < index)
      report([...path, 'files', String(index), 'certificate'], 'this certificate is named twice')
  })
  if (certificates.length > MOST_PAIRS)
    report(
      [...path, 'files', String(MOST_PAIRS)],
      'a gateway has at most two certificates, one with an RSA key and one with an ECDSA key',
    )
}
