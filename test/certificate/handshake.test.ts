import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import type { ConnectionOptions, Server } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { throwawayCertificate } from '../../src/certificate/throwaway.js'
import type { Certificate } from '../../src/model/tls.js'
import { temporaryFolder } from './folder.js'
import { keep } from './kept-folder.js'
import { DOMAIN } from './workshop.js'

/** A TLS server on the loopback address with the certificates; it ends with the test. */
async function serve(certificates: readonly Certificate[]): Promise<number> {
  const server: Server = createServer({
    cert: certificates.map(({ chain }) => chain),
    key: certificates.map(({ key }) => key.reveal()),
  })
  server.on('tlsClientError', () => undefined)
  server.on('secureConnection', (socket) => socket.on('error', () => undefined).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port')
  return address.port
}

/** The cipher suite that a client which verifies the server agrees on with it. */
async function handshake(port: number, options: ConnectionOptions): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername: DOMAIN, ...options })
  try {
    await once(socket, 'secureConnect')
    expect(socket.authorized).toBe(true)
    return socket.getCipher().name
  } finally {
    socket.destroy()
  }
}

test('a client that trusts the kept CA takes either certificate, by TLS 1.2 and 1.3, for the domain alone', async () => {
  const folder = join(await temporaryFolder(), 'tls')
  const { certificates } = await keep(folder, new Date())
  const port = await serve(certificates)
  const ca = await readFile(join(folder, 'ca.crt'), 'utf8')

  for (const ciphers of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'])
    expect(await handshake(port, { ca, ciphers, maxVersion: 'TLSv1.2' })).toBe(ciphers)
  expect(await handshake(port, { ca, minVersion: 'TLSv1.3' })).toMatch(/^TLS_/)
  await expect(handshake(port, { ca, servername: 'www.example.com' })).rejects.toMatchObject({
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
  await expect(handshake(port, {})).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
})

describe('a throwaway certificate', () => {
  test('is for the domain, fits its key and is served, and no two are alike', async () => {
    const made = await throwawayCertificate(DOMAIN, new Date())
    const other = await throwawayCertificate(DOMAIN, new Date())
    expect(made.algorithm).toBe('ecdsa')
    expect(new X509Certificate(made.chain).checkHost(DOMAIN)).toBe(DOMAIN)
    expect(await handshake(await serve([made]), { ca: made.chain, allowPartialTrustChain: true })).toMatch(
      /^TLS_/,
    )
    expect(other.chain).not.toBe(made.chain)
  })

  test('can be for an RSA key and for the longest of domains', async () => {
    const domain = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`
    const { algorithm, chain } = await throwawayCertificate(domain, new Date(), 'rsa')
    expect(algorithm).toBe('rsa')
    expect(new X509Certificate(chain).checkHost(domain)).toBe(domain)
    expect(new X509Certificate(chain).publicKey.asymmetricKeyType).toBe('rsa')
  })
})
