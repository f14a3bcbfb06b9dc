import { formatSecretReference } from '../model/secret.js'
import type { Certificate, CertificateFiles } from '../model/tls.js'
import { isAlone, readChain, served } from './chain.js'
import type { Chain } from './chain.js'
import { checkChain } from './checks.js'
import { readPrivateKey } from './key.js'
import type { CertificateOptions, LoadedCertificates } from './loaded.js'
import { refusal } from './refusal.js'
import { formatSpan, formatTime, isRunningOut, validityOf } from './validity.js'

interface Pair {
  readonly path: string
  readonly certificate: Certificate
  readonly warnings: readonly string[]
}

/** @throws GwError CERTIFICATE_INVALID for the first pair that could not be served */
export async function loadFiles(
  pairs: readonly CertificateFiles[],
  options: CertificateOptions,
): Promise<LoadedCertificates> {
  const loaded: Pair[] = []
  for (const files of pairs) {
    const pair = await loadPair(files, options)
    checkOther(pair, loaded)
    loaded.push(pair)
  }
  return {
    certificates: loaded.map(({ certificate }) => certificate),
    warnings: loaded.flatMap(({ warnings }) => warnings),
  }
}

async function loadPair(files: CertificateFiles, options: CertificateOptions): Promise<Pair> {
  const { domain, now, resolveKey } = options
  const chain = await readChain(files.certificate)
  const algorithm = checkChain(chain, domain, now)
  const name = formatSecretReference(files.key)
  const key = readPrivateKey((await resolveKey(files.key)).reveal(), name)
  if (!chain.leaf.certificate.checkPrivateKey(key)) {
    throw refusal(
      `the key ${name} does not belong to ${chain.leaf.name}`,
      `openssl x509 -noout -pubkey -in ${files.certificate} shows the public key of the certificate; openssl pkey -pubout -in KEY has to show the same for its key.`,
    )
  }
  const links = [chain.leaf, ...chain.issuers].map(({ certificate }) => certificate)
  return {
    path: files.certificate,
    certificate: served(algorithm, links, key),
    warnings: warnings(chain, now),
  }
}

function checkOther({ path, certificate }: Pair, others: readonly Pair[]): void {
  const same = others.find((other) => other.certificate.algorithm === certificate.algorithm)
  if (same === undefined) return
  throw refusal(
    `the certificates ${same.path} and ${path} are both ${certificate.algorithm.toUpperCase()}, and a gateway serves one of each algorithm`,
    'Keep one of them under `tls`, or have one issued for a key of the other algorithm (RSA or ECDSA).',
  )
}

function warnings(chain: Chain, now: Date): string[] {
  const { certificate, name } = chain.leaf
  const { to } = validityOf(certificate)
  const lifeLeft = `expires on ${formatTime(to)}, in ${formatSpan(now, to)}: less than a third of its life is left`
  return [
    ...(isRunningOut(certificate, now) ? [`${name} ${lifeLeft}`] : []),
    ...(isAlone(chain)
      ? [`${name} stands alone in its file: a client that does not know its issuer already will refuse it`]
      : []),
  ]
}
