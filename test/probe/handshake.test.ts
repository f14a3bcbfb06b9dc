import type { SecureVersion, TlsOptions } from 'node:tls'
import { describe, expect, it } from 'vitest'
import type { Open } from '../../src/probe/open.js'
import type { Probe } from '../../src/probe/probe.js'
import { probeHttps, probeTls } from '../../src/probe/probes.js'
import { DOMAIN, make, type Made } from '../certificate/workshop.js'
import { chainOf, days, ECDSA, LIFE, MIDDLE, ROOT, RSA, serve } from './tls-server.js'

const REQUEST = { domain: DOMAIN, path: '/health', timeoutMs: 5000, roots: [ROOT.certificate] }

function answered<Answer>(probe: Probe<Answer>): Answer {
  if ('failure' in probe) throw new Error(`${probe.failure}: ${probe.why}`)
  return probe.answer
}

function algorithmIn(open: Open, algorithm: 'rsa' | 'ecdsa') {
  return probeTls(open, { domain: DOMAIN, timeoutMs: 5000, algorithm, roots: REQUEST.roots })
}

describe('the certificates that a server shows', () => {
  it.each<[string, readonly [Made, ...Made[]]]>([
    ['alone', [ECDSA]],
    ['in their order', [ECDSA, MIDDLE]],
    ['with the root', [ECDSA, MIDDLE, ROOT]],
    ['in another order', [ECDSA, ROOT, MIDDLE]],
    ['one twice', [ECDSA, ECDSA, MIDDLE]],
    ['with one that does not belong there', [ECDSA, RSA, MIDDLE]],
  ])('are told as they were sent: %s', async (_title, links) => {
    const open = await serve(chainOf(...links))
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { chain, protocol } = answered(await probeHttps(open, { ...REQUEST, maxVersion }))
      expect(chain).toEqual(links.map(({ certificate }) => certificate))
      expect(protocol).toBe(maxVersion)
    }
  })

  it('are those of either algorithm, as is asked, over TLS 1.2', async () => {
    const open = await serve({ cert: [ECDSA.certificate, RSA.certificate], key: [ECDSA.key, RSA.key] })
    const ecdsa = answered(await algorithmIn(open, 'ecdsa'))
    const rsa = answered(await algorithmIn(open, 'rsa'))
    expect([ecdsa.chain, rsa.chain]).toEqual([[ECDSA.certificate], [RSA.certificate]])
    expect([ecdsa.protocol, rsa.protocol]).toEqual(['TLSv1.2', 'TLSv1.2'])
  })

  it.each<[string, TlsOptions, 'rsa' | 'ecdsa']>([
    ['has none of the algorithm', chainOf(RSA), 'ecdsa'],
    ['has none of the other algorithm', chainOf(ECDSA), 'rsa'],
    ['speaks TLS 1.3 only', { ...chainOf(RSA), minVersion: 'TLSv1.3' }, 'rsa'],
  ])('are none where the server %s', async (_title, options, algorithm) => {
    expect(await algorithmIn(await serve(options), algorithm)).toMatchObject({ failure: 'tls' })
  })

  it('come with every handshake: no session is resumed', async () => {
    const seen: unknown[] = []
    const open = await serve(chainOf(ECDSA, MIDDLE), (socket) => {
      seen.push([socket.servername, socket.isSessionReused()])
    })
    for (const maxVersion of ['TLSv1.2', 'TLSv1.2', 'TLSv1.3', 'TLSv1.3'] satisfies SecureVersion[])
      expect(answered(await probeHttps(open, { ...REQUEST, maxVersion })).chain).toHaveLength(2)
    expect(seen).toEqual(Array(4).fill([DOMAIN, false]))
  })
})

describe('the trust of a client', () => {
  async function distrust(options: TlsOptions, roots = REQUEST.roots): Promise<string | null> {
    return answered(await probeHttps(await serve(options), { ...REQUEST, roots })).distrusted
  }

  it('is there for a chain that leads to one of its roots', async () => {
    expect(await distrust(chainOf(ECDSA, MIDDLE))).toBeNull()
    expect(await distrust(chainOf(ECDSA, MIDDLE, ROOT))).toBeNull()
    expect(await distrust(chainOf(ECDSA), [ROOT.certificate, MIDDLE.certificate])).toBeNull()
  })

  it('is missing, and why', async () => {
    const issued = (recipe: Parameters<typeof make>[0]) => make({ issuer: MIDDLE, ...LIFE, ...recipe })
    const own = await make(LIFE)
    const expired = await issued({ from: days(-9), to: days(-1) })
    const early = await issued({ from: days(1) })
    const other = await issued({ names: ['www.example.com'] })
    const reasons: readonly (readonly [TlsOptions, string])[] = [
      [chainOf(ECDSA), 'its issuer is neither sent nor known'],
      [chainOf(own), 'it is signed by itself'],
      [chainOf(expired, MIDDLE), 'a certificate of its chain has expired'],
      [chainOf(early, MIDDLE), 'a certificate of its chain is not valid yet'],
      [chainOf(other, MIDDLE), 'it is for other names'],
    ]
    for (const [options, why] of reasons) expect(await distrust(options)).toBe(why)
  })

  it('is by the roots of this machine when it is given none', async () => {
    expect(await distrust(chainOf(ECDSA, MIDDLE), [])).toBe(
      'the issuer of the last certificate that is sent is not known',
    )
    expect(await distrust(chainOf(ECDSA, MIDDLE, ROOT), [])).toBe(
      'its chain ends at a root that is not trusted',
    )
  })
})
