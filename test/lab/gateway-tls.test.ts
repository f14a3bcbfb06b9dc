import { randomUUID, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConnectionOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DOMAIN, gatewayRequest, plainRequest, tlsConnection } from './fixtures/client.js'
import { deployBehaviour, deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'

/** What the gateway agrees to in a handshake, on either host; and what port 80 is for. */

beforeAll(() => deployBehaviour())
afterAll(deployLab)

const only = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): ConnectionOptions => ({
  minVersion: version,
  maxVersion: version,
})

/** What a handshake came to. */
async function handshake(options: ConnectionOptions) {
  const socket = await tlsConnection(options)
  const agreed = {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher().name,
    key: socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType,
    alpn: socket.alpnProtocol,
  }
  socket.destroy()
  return agreed
}

/** The code of the alert by which the gateway refused; its own refusal would have another code. */
async function refusal(options: ConnectionOptions): Promise<string> {
  try {
    return `agreed: ${JSON.stringify(await handshake(options))}`
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

describe('a handshake', () => {
  it.each([
    ['TLSv1.2', 'rsa', { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }],
    ['TLSv1.2', 'rsa', { ciphers: 'ECDHE-RSA-CHACHA20-POLY1305' }],
    ['TLSv1.2', 'ec', { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }],
    ['TLSv1.2', 'ec', { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }],
    ['TLSv1.3', 'rsa', { sigalgs: 'rsa_pss_rsae_sha256' }],
    ['TLSv1.3', 'ec', { sigalgs: 'ecdsa_secp256r1_sha256' }],
  ] as const)(
    'of %s gives a client that knows %s alone a certificate of that kind: %j',
    async (version, key, more) => {
      for (const node of ['gw-1', 'gw-2']) {
        expect(await handshake({ ...only(version), ...more, ...{ node } })).toMatchObject({
          protocol: version,
          key,
        })
      }
    },
  )

  it('of an older version is refused', async () => {
    const ciphers = 'DEFAULT@SECLEVEL=0'
    expect(await refusal({ ...only('TLSv1.1'), ciphers })).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
  })

  it.each([
    'AES128-GCM-SHA256',
    'AES256-SHA',
    'ECDHE-RSA-AES128-SHA',
    'ECDHE-ECDSA-AES256-SHA384',
    'ECDHE-RSA-AES128-SHA256',
    'DHE-RSA-AES128-GCM-SHA256',
  ])('with no better suite than %s is refused', async (suite) => {
    const options = { ...only('TLSv1.2'), ciphers: `${suite}:@SECLEVEL=0` }
    expect(await refusal(options)).toMatch(/^ERR_SSL_(SSL\/TLS|SSLV3|TLS)_ALERT_HANDSHAKE_FAILURE$/)
  })

  it.each(['other.example', `sub.${DOMAIN}`])('for the name %s is refused', async (servername) => {
    expect(await refusal({ servername })).toMatch(/_UNRECOGNIZED_NAME$/)
  })

  it('without a name is refused', async () => {
    expect(await refusal({ servername: '' })).toMatch(/_UNRECOGNIZED_NAME$/)
  })

  it('chooses HTTP/2 where the client knows it, else HTTP/1.1', async () => {
    expect((await handshake({ ALPNProtocols: ['h2', 'http/1.1'] })).alpn).toBe('h2')
    expect((await handshake({ ALPNProtocols: ['http/1.1'] })).alpn).toBe('http/1.1')
    expect((await handshake({})).alpn).toBe(false)
  })

  it('gives no ticket, but takes up a session that the gateway remembers', async () => {
    const first = await tlsConnection(only('TLSv1.2'))
    const session = first.getSession()
    expect(first.getTLSTicket()).toBeUndefined()
    first.destroy()
    if (session === undefined) throw new Error('the handshake left no session')
    const second = await tlsConnection({ ...only('TLSv1.2'), session })
    expect(second.isSessionReused()).toBe(true)
    second.destroy()
  })

  it('of TLS 1.3 leaves the session with the gateway, too: its ticket is a name and holds no key', async () => {
    const socket = await tlsConnection(only('TLSv1.3'))
    const [session] = (await once(socket, 'session')) as [Buffer]
    socket.destroy()
    const resumed = await tlsConnection({ ...only('TLSv1.3'), session })
    expect(resumed.isSessionReused()).toBe(true)
    expect(resumed.getTLSTicket()?.length ?? 0).toBeLessThanOrEqual(32)
    resumed.destroy()
  })
})

describe('a request for another host on a connection for this one', () => {
  it.each(['other.example', '198.18.0.1', `sub.${DOMAIN}`, 'localhost'])(
    'is misdirected: %s',
    async (host) => {
      const answer = await gatewayRequest({ path: '/health', headers: { Host: host } })
      expect([answer.status, answer.errorCode]).toEqual([421, 'MISDIRECTED_REQUEST'])
    },
  )

  it.each([`${DOMAIN}:443`, DOMAIN.toUpperCase(), `${DOMAIN}.`])(
    'is none when it is written another way: %s',
    async (host) => {
      expect((await gatewayRequest({ path: '/health', headers: { Host: host } })).status).toBe(200)
    },
  )
})

describe('port 80', () => {
  it.each([DOMAIN, 'other.example', '198.18.0.100', `${DOMAIN}:80`, 'evil.example:8080'])(
    'sends everybody to the domain over HTTPS, whatever Host says: %s',
    async (host) => {
      const answer = await plainRequest({ path: '/api/v1/x?a=b&c=%2f', headers: { Host: host } })
      expect([answer.status, answer.header('location')]).toEqual([
        301,
        `https://${DOMAIN}/api/v1/x?a=b&c=%2f`,
      ])
    },
  )

  it.each(['/', '/health', '/nginx_status', '/api/v1/admin/', '/static/app.js'])(
    'serves nothing else: %s',
    async (path) => {
      for (const method of ['GET', 'POST']) {
        const answer = await plainRequest({ path, method })
        expect([answer.status, answer.header('location')]).toEqual([301, `https://${DOMAIN}${path}`])
      }
    },
  )

  it.each(['//evil.example/x', '/\\evil.example', '/%0d%0aSet-Cookie:a=b', '/x/..//evil.example'])(
    'leads nowhere else, whatever the path: %s',
    async (path) => {
      const answer = await plainRequest({ path })
      expect(answer.status).toBe(301)
      expect(answer.header('location')).toBe(`https://${DOMAIN}${path}`)
      expect(answer.header('set-cookie')).toBeUndefined()
    },
  )

  it('refuses a path that leads above everything', async () => {
    expect((await plainRequest({ path: '/..//..//evil.example' })).errorCode).toBe('BAD_REQUEST')
  })

  it('serves the files by which certificates are issued', async () => {
    const folder = '/var/lib/gw/acme/.well-known/acme-challenge'
    await Promise.all(
      ['gw-1', 'gw-2'].map((host) =>
        hostSays(host, `mkdir -p ${folder} && printf token.key > ${folder}/gw-test`),
      ),
    )
    const answer = await plainRequest({ path: '/.well-known/acme-challenge/gw-test' })
    expect([answer.status, answer.body, answer.header('content-type')]).toEqual([
      200,
      'token.key',
      'text/plain',
    ])
    expect((await plainRequest({ path: '/.well-known/acme-challenge/none' })).errorCode).toBe('NOT_FOUND')
    expect((await plainRequest({ path: '/.well-known/acme-challenge/' })).status).toBeGreaterThanOrEqual(400)
    await Promise.all(['gw-1', 'gw-2'].map((host) => hostSays(host, `rm ${folder}/gw-test`)))
  })

  it('lets no client write lines of its own into the error log', async () => {
    const forged = `2026/01/01 00:00:00 [emerg] 1#1: forged-${randomUUID()}`
    const path = `/.well-known/acme-challenge/a%0A${encodeURIComponent(forged)}`
    expect((await plainRequest({ path })).status).toBe(404)
    for (const gateway of ['gw-1', 'gw-2'])
      expect(await hostSays(gateway, `grep -cF '${forged}' /var/log/nginx/error.log || :`)).toBe('0\n')
  })
})

describe('a certificate from files', () => {
  const node = 'gw-2'

  it('is served, and no other: of one pair with an RSA key clients get that alone', async () => {
    const pair = (ending: string): string => join(ownLab().stateDir, `tls/${DOMAIN}.rsa.${ending}`)
    const files = { certificate: pair('crt'), key: `file:${pair('key')}` }
    const ecdsa = { ...only('TLSv1.3'), sigalgs: 'ecdsa_secp256r1_sha256', node }
    await deployBehaviour({ tls: { files } }, node)
    await expect.poll(() => refusal(ecdsa)).toMatch(/_ALERT_HANDSHAKE_FAILURE$/)
    const socket = await tlsConnection({ node })
    expect(socket.getPeerX509Certificate()?.fingerprint256).toBe(
      new X509Certificate(readFileSync(pair('crt'))).fingerprint256,
    )
    socket.destroy()
    expect((await gatewayRequest({ path: '/health', node })).status).toBe(200)
  })
})
