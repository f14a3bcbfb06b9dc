import type { X509Certificate } from 'node:crypto'

/** The DER of the object identifiers, in hexadecimal, of the signatures that every TLS client takes. */
const ACCEPTED = [
  '06092a864886f70d01010b', // sha256WithRSAEncryption
  '06092a864886f70d01010c', // sha384WithRSAEncryption
  '06092a864886f70d01010d', // sha512WithRSAEncryption
  '06082a8648ce3d040302', // ecdsa-with-SHA256
  '06082a8648ce3d040303', // ecdsa-with-SHA384
  '06082a8648ce3d040304', // ecdsa-with-SHA512
]

/** RSASSA-PSS whose parameters name SHA-256, SHA-384 or SHA-512; when they name no hash they mean SHA-1. */
const ACCEPTED_PSS = /^06092a864886f70d01010a30..a0..30..060960864801650304020[123]/

const SHA1 = [
  '06092a864886f70d010105', // sha1WithRSAEncryption
  '06092a864886f70d01010a', // RSASSA-PSS
  '06072a8648ce3d0401', // ecdsa-with-SHA1
]

/** How a certificate was signed: by a hash of the SHA-2 family, by SHA-1, or by what else no browser takes. */
export function signatureOf(certificate: X509Certificate): 'accepted' | 'sha-1' | 'refused' {
  const algorithm = signatureAlgorithm(certificate.raw)
  if (ACCEPTED.some((each) => algorithm.startsWith(each)) || ACCEPTED_PSS.test(algorithm)) return 'accepted'
  return SHA1.some((each) => algorithm.startsWith(each)) ? 'sha-1' : 'refused'
}

/**
 * The signature's algorithm and its parameters, DER in hexadecimal: the second of the three parts of a certificate.
 * Node 20 does not tell it. OpenSSL has read the certificate before, so its lengths are sound.
 */
function signatureAlgorithm(der: Buffer): string {
  const toBeSigned = extent(der, extent(der, 0).start)
  const algorithm = extent(der, toBeSigned.end)
  return der.toString('hex', algorithm.start, algorithm.end)
}

/** Where the content of the DER element at a place starts and ends. */
function extent(der: Buffer, place: number): { start: number; end: number } {
  const length = der.readUInt8(place + 1)
  if (length < 0x80) return { start: place + 2, end: place + 2 + length }
  const width = length & 0x7f
  const start = place + 2 + width
  return { start, end: start + der.readUIntBE(place + 2, width) }
}
