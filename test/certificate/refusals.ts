import { generateKeyPairSync } from 'node:crypto'
import type { Contents } from './folder.js'
import { curveKey, make, makeAuthority, rsaKey } from './workshop.js'
import type { Made } from './workshop.js'

/** What most cases are made of: a leaf issued by an authority, which a root issued, and a CA that has nothing to do with them. */
const root = await makeAuthority('Root')
const authority = await makeAuthority('Authority', root)
const stranger = await makeAuthority('Stranger')
const leaf = await make({ issuer: authority })

export interface Refusal {
  readonly title: string
  readonly files: () => Promise<Contents | readonly Contents[]> | Contents | readonly Contents[]
  /** `<crt>` and `<key>` stand for the paths of the first pair. */
  readonly message: string
}

function chain(...links: readonly Made[]): string {
  return links.map(({ certificate }) => certificate).join('')
}

export const FILE_AND_NAME_REFUSALS: readonly Refusal[] = [
  {
    title: 'a file that is missing',
    files: () => ({ certificate: null, key: leaf.key }),
    message: 'the certificate <crt> is missing',
  },
  {
    title: 'a file without a certificate',
    files: () => ({ certificate: 'hello\n', key: leaf.key }),
    message: '<crt> holds no certificate in PEM',
  },
  {
    title: 'a file that was cut off',
    files: () => ({ certificate: leaf.certificate.slice(0, 200), key: leaf.key }),
    message: '<crt> holds no certificate in PEM',
  },
  {
    title: 'a certificate that is damaged',
    files: () => ({
      certificate: leaf.certificate.replace(/\n[^-]{20}/, '\nAAAAAAAAAAAAAAAAAAAA'),
      key: leaf.key,
    }),
    message: 'the certificate <crt> is damaged',
  },
  {
    title: 'a second certificate that is damaged',
    files: () => ({
      certificate: `${leaf.certificate}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
      key: leaf.key,
    }),
    message: 'certificate 2 of <crt> is damaged',
  },
  {
    title: 'a file that is too large',
    files: () => ({ certificate: leaf.certificate.repeat(1000), key: leaf.key }),
    message: '<crt> is larger than 256 KiB',
  },
  {
    title: 'the key in the place of the certificate',
    files: () => ({ certificate: leaf.key, key: leaf.key }),
    message: '<crt> holds no certificate in PEM',
  },
  {
    title: 'a certificate that is not valid yet',
    files: () => make({ from: '2026-06-13', to: '2027-01-01' }),
    message: 'the certificate <crt> is not valid before 2026-06-13 00:00 UTC, in 11 days',
  },
  {
    title: 'a certificate that has expired',
    files: () => make({ from: '2025-01-01', to: '2026-05-31' }),
    message: 'the certificate <crt> expired on 2026-05-31 00:00 UTC, 1 day ago',
  },
  {
    title: 'a certificate that expires at this very moment',
    files: () => make({ from: '2025-01-01', to: '2026-06-01T12:00:00Z' }),
    message: 'the certificate <crt> expired on 2026-06-01 12:00 UTC, 0 minutes ago',
  },
  {
    title: 'an expired certificate further on in the chain',
    files: async () => {
      const old = await make({ name: 'Old', ca: true, issuer: root, from: '2020-01-01', to: '2026-01-01' })
      const made = await make({ issuer: old })
      return { certificate: chain(made, old), key: made.key }
    },
    message: 'certificate 2 of <crt> (CN=Old) expired on 2026-01-01 00:00 UTC, 151 days ago',
  },
  {
    title: 'another domain',
    files: () => make({ names: ['www.example.com', '*.api.example.com'] }),
    message:
      'the certificate <crt> does not cover the domain api.example.com: its names are www.example.com, *.api.example.com',
  },
  {
    title: 'many other domains',
    files: () => make({ names: Array.from({ length: 12 }, (_, index) => `${index}.net`) }),
    message:
      'the certificate <crt> does not cover the domain api.example.com: its names are 0.net, 1.net, 2.net, 3.net, 4.net, 5.net, 6.net, 7.net, 8.net, 9.net, and 2 more',
  },
  {
    title: 'a wildcard above the domain',
    files: () => make({ names: ['*.com'] }),
    message: 'the certificate <crt> does not cover the domain api.example.com: its names are *.com',
  },
  {
    title: 'the domain as common name only',
    files: () => make({ name: 'api.example.com', names: [] }),
    message:
      'the certificate <crt> does not cover the domain api.example.com: it has no alternative names, and browsers do not look at the common name',
  },
  {
    title: 'a certificate for clients',
    files: () => make({ purposes: ['1.3.6.1.5.5.7.3.2'] }),
    message: 'the certificate <crt> was not issued for a TLS server: its extended key usage leaves that out',
  },
]

export const ALGORITHM_REFUSALS: readonly Refusal[] = [
  {
    title: 'a short RSA key',
    files: () => make({ key: rsaKey(1024), signature: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } }),
    message: 'the certificate <crt> has an RSA key of 1024 bits, and browsers refuse less than 2048',
  },
  {
    title: 'a curve that browsers do not take',
    files: () => make({ issuer: authority, key: curveKey('P-521') }),
    message: 'the certificate <crt> has a key on the curve secp521r1, and browsers take P-256 and P-384 only',
  },
  {
    title: 'an Ed25519 key',
    files: () => make({ issuer: authority, key: generateKeyPairSync('ed25519').privateKey }),
    message: 'the certificate <crt> has a key of the kind ed25519, which browsers refuse',
  },
  {
    title: 'a short RSA key further on in the chain',
    files: async () => {
      const short = await make({ name: 'Short', ca: true, issuer: root, key: rsaKey(1024) })
      const made = await make({ issuer: short, signature: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } })
      return { certificate: chain(made, short), key: made.key }
    },
    message:
      'certificate 2 of <crt> (CN=Short) has an RSA key of 1024 bits, and browsers refuse less than 2048',
  },
  {
    title: 'an ECDSA signature with SHA-1',
    files: () => make({ issuer: authority, signature: { name: 'ECDSA', hash: 'SHA-1' } }),
    message: 'the certificate <crt> is signed with SHA-1, which browsers refuse',
  },
  {
    title: 'an RSA signature with SHA-1',
    files: () => make({ key: rsaKey(1024), signature: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' } }),
    message: 'the certificate <crt> is signed with SHA-1, which browsers refuse',
  },
  {
    title: 'an RSA-PSS signature with SHA-1',
    files: () => make({ key: rsaKey(1024), signature: { name: 'RSA-PSS', hash: 'SHA-1' } }),
    message: 'the certificate <crt> is signed with SHA-1, which browsers refuse',
  },
  {
    title: 'a signature by an Ed25519 key',
    files: async () => {
      const key = generateKeyPairSync('ed25519').privateKey
      const signature = { name: 'Ed25519', hash: 'SHA-256' } as const
      const odd = await make({ name: 'Odd', ca: true, key, signature })
      return make({ issuer: odd, signature })
    },
    message: 'the certificate <crt> is signed in a way that browsers refuse',
  },
]

export const CHAIN_REFUSALS: readonly Refusal[] = [
  {
    title: 'a chain with the issuer first',
    files: () => ({ certificate: chain(authority, leaf), key: leaf.key }),
    message:
      'the chain is in the wrong order: certificate 2 of <crt> (CN=leaf) did not issue the one before it',
  },
  {
    title: 'a chain with the root in the middle',
    files: () => ({ certificate: chain(leaf, root, authority), key: leaf.key }),
    message:
      'the chain is in the wrong order: certificate 2 of <crt> (CN=Root) did not issue the one before it',
  },
  {
    title: 'a chain with a certificate that has nothing to do with it',
    files: () => ({ certificate: chain(leaf, stranger), key: leaf.key }),
    message: 'certificate 2 of <crt> (CN=Stranger) did not issue the one before it',
  },
  {
    title: 'a chain that goes on with something else',
    files: () => ({ certificate: chain(leaf, authority, stranger), key: leaf.key }),
    message: 'certificate 3 of <crt> (CN=Stranger) did not issue the one before it',
  },
  {
    title: 'an issuer of the same name with another key',
    files: async () => ({ certificate: chain(leaf, await makeAuthority('Authority')), key: leaf.key }),
    message: 'certificate 2 of <crt> (CN=Authority) did not issue the one before it',
  },
  {
    title: 'an issuer that is no CA',
    files: async () => {
      const plain = await make({ name: 'Plain', issuer: root })
      const made = await make({ issuer: plain })
      return { certificate: chain(made, plain), key: made.key }
    },
    message: 'certificate 2 of <crt> (CN=Plain) did not issue the one before it',
  },
  {
    title: 'an issuer without a name',
    files: async () => ({ certificate: chain(leaf, await make({ name: '', ca: true })), key: leaf.key }),
    message: 'certificate 2 of <crt> (without a subject) did not issue the one before it',
  },
]

export const KEY_REFUSALS: readonly Refusal[] = [
  {
    title: 'a key that is none',
    files: () => ({ ...leaf, key: 'hello\n' }),
    message: 'the key file:<key> is no private key in PEM, or is damaged',
  },
  {
    title: 'a key that is damaged',
    files: () => ({ ...leaf, key: leaf.key.replace(/\n.{12}/, '\nAAAAAAAAAAAA') }),
    message: 'the key file:<key> is no private key in PEM, or is damaged',
  },
  {
    title: 'a key that was cut off',
    files: () => ({ ...leaf, key: leaf.key.slice(0, 100) }),
    message: 'the key file:<key> is no private key in PEM, or is damaged',
  },
  {
    title: 'the certificate in the place of the key',
    files: () => ({ ...leaf, key: leaf.certificate }),
    message: 'the key file:<key> is no private key: it holds a certificate',
  },
  {
    title: 'a key under a passphrase',
    files: () => ({
      ...leaf,
      key: leaf.privateKey
        .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'sesame' })
        .toString(),
    }),
    message: 'the key file:<key> is protected by a passphrase, which NGINX cannot ask for when it starts',
  },
  {
    title: 'a key under a passphrase as OpenSSL once wrote it',
    files: () => ({
      ...leaf,
      key: leaf.privateKey
        .export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'sesame' })
        .toString(),
    }),
    message: 'the key file:<key> is protected by a passphrase, which NGINX cannot ask for when it starts',
  },
  {
    title: 'the key of another certificate',
    files: () => ({ ...leaf, key: stranger.key }),
    message: 'the key file:<key> does not belong to the certificate <crt>',
  },
  {
    title: 'a key of another algorithm',
    files: () => ({ ...leaf, key: rsaKey(1024).export({ type: 'pkcs1', format: 'pem' }).toString() }),
    message: 'the key file:<key> does not belong to the certificate <crt>',
  },
  {
    title: 'two certificates of one algorithm',
    files: async () => [leaf, await make({ key: curveKey('P-384'), issuer: authority })],
    message: 'the certificates <crt> and <other> are both ECDSA, and a gateway serves one of each algorithm',
  },
]
