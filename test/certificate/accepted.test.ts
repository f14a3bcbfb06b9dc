import fc from 'fast-check'
import { X509Certificate } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parseCertificate } from '../../src/certificate/chain.js'
import { faultsOf } from '../../src/certificate/checks.js'
import { GwError } from '../../src/errors.js'
import { loadPairs, temporaryFolder } from './folder.js'
import { curveKey, DOMAIN, make, makeAuthority, NOW, rsaKey } from './workshop.js'
import type { Made } from './workshop.js'

const root = await makeAuthority('Root')
const authority = await makeAuthority('Authority', root)
const leaf = await make({ issuer: authority })
const rsa = await make({
  key: rsaKey(2048),
  issuer: authority,
  purposes: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
})

async function load(...pairs: readonly { certificate: string; key: string }[]) {
  return loadPairs(await temporaryFolder(), pairs)
}

function exported({ privateKey }: Made, type: 'sec1' | 'pkcs1'): string {
  return privateKey.export({ type, format: 'pem' }).toString()
}

describe('a gateway is given', () => {
  test('an ECDSA and an RSA pair, without a warning', async () => {
    const chained = [leaf, rsa].map((made) => ({
      ...made,
      certificate: made.certificate + authority.certificate,
    }))
    const { certificates, warnings } = await load(...chained)
    expect(certificates.map(({ algorithm }) => algorithm)).toEqual(['ecdsa', 'rsa'])
    expect(warnings).toEqual([])
    expect(certificates.map(({ key }) => key.reveal())).toEqual([leaf.key, rsa.key])
  })

  test.each([
    ['the issuers', [authority]],
    ['the issuers and the root', [authority, root]],
  ])('a chain with %s, in its order', async (_, issuers) => {
    const links = [leaf, ...issuers].map(({ certificate }) => certificate)
    const { certificates } = await load({ ...leaf, certificate: links.join('') })
    expect(certificates.map(({ chain }) => chain)).toEqual([links.join('')])
  })

  test.each<[string, Parameters<typeof make>[0]]>([
    ['a wildcard', { names: ['www.example.com', '*.example.com'] }],
    ['a name in capitals', { names: [DOMAIN.toUpperCase()] }],
    ['a key on P-384', { key: curveKey('P-384'), issuer: authority }],
    ['no common name', { name: '', issuer: authority }],
  ])('a certificate with %s', async (_, recipe) => {
    const { certificates } = await load(await make(recipe))
    expect(certificates).toHaveLength(1)
  })

  test('a certificate signed by RSASSA-PSS with SHA-256', async () => {
    const issuer = { ...authority, privateKey: rsa.privateKey }
    const made = await make({ issuer, signature: { name: 'RSA-PSS', hash: 'SHA-256' } })
    expect((await load(made)).certificates).toHaveLength(1)
  })

  test('a root that is signed with SHA-1 at the end of the chain', async () => {
    const old = await make({ name: 'Old', ca: true, signature: { name: 'ECDSA', hash: 'SHA-1' } })
    const made = await make({ issuer: old })
    const { certificates } = await load({ ...made, certificate: made.certificate + old.certificate })
    expect(certificates).toHaveLength(1)
  })

  test.each([
    ['as SEC 1', leaf, exported(leaf, 'sec1')],
    ['as PKCS #1', rsa, exported(rsa, 'pkcs1')],
    [
      'after the parameters of its curve',
      leaf,
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${exported(leaf, 'sec1')}`,
    ],
    ['with Windows ends of lines and a comment', leaf, `The key\n${leaf.key}`.replaceAll('\n', '\r\n')],
  ])('a key %s, which it gets as PKCS #8', async (_, made, key) => {
    const { certificates } = await load({ ...made, key })
    expect(certificates[0]?.key.reveal()).toBe(made.key)
  })

  test('the certificates of a file alone, when a key and comments stand beside them', async () => {
    const { certificates } = await load({
      ...leaf,
      certificate: `${leaf.key}# mine\n${leaf.certificate}bye\n`,
    })
    expect(certificates[0]?.chain).toBe(leaf.certificate)
  })

  test('no key that could be shown by accident', async () => {
    const loaded = await load(leaf)
    const [, line = ''] = leaf.key.split('\n')
    expect(`${inspect(loaded, { depth: 10, showHidden: true })}${JSON.stringify(loaded)}`).not.toContain(line)
  })

  test('a warning when less than a third of the life of a certificate is left', async () => {
    const folder = await temporaryFolder()
    const made = await make({ from: '2026-01-01', to: '2026-04-01' })
    const at = (now: string) => loadPairs(folder, [made], new Date(now))
    expect((await at('2026-03-01T00:00:00Z')).warnings).toEqual([])
    expect((await at('2026-03-02T12:00:00Z')).warnings).toEqual([
      `the certificate ${folder}/1.crt expires on 2026-04-01 00:00 UTC, in 29 days: less than a third of its life is left`,
    ])
  })

  test('a warning for a certificate without the one that issued it', async () => {
    const folder = await temporaryFolder()
    expect((await loadPairs(folder, [leaf])).warnings).toEqual([
      `the certificate ${folder}/1.crt stands alone in its file: a client that does not know its issuer already will refuse it`,
    ])
    expect((await load(await make())).warnings).toEqual([])
  })

  test('nothing beside what was there: loading writes no file', async () => {
    const folder = await temporaryFolder()
    await loadPairs(folder, [leaf])
    expect(await readdir(folder)).toEqual(['1.crt', '1.key'])
  })
})

describe('damage', () => {
  const ders = [leaf, authority].map(({ certificate }) => new X509Certificate(certificate).raw)

  function pem(der: Buffer): string {
    return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
  }

  test('at any place of a certificate can be told of, all faults at once', () => {
    const [der = Buffer.of()] = ders
    const told = [...der.keys()].map((place) => {
      const damaged = Buffer.from(der)
      damaged.writeUInt8(damaged.readUInt8(place) ^ 0x04, place)
      const certificate = parseCertificate(pem(damaged))
      return certificate === null
        ? null
        : faultsOf({ leaf: { certificate, name: 'it' }, issuers: [] }, DOMAIN, NOW)
    })
    expect(told).toContain(null)
    expect(told.flat().map((fault) => fault?.message)).toContain(
      `it does not cover the domain ${DOMAIN}: it has no alternative names, and browsers do not look at the common name`,
    )
  })

  test('anywhere in a chain is either harmless or refused as CERTIFICATE_INVALID', async () => {
    const folder = await temporaryFolder()
    const length = Buffer.concat(ders).length
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const damaged = ders.map((der) => Buffer.from(der))
        const [first = Buffer.of(), second = Buffer.of()] = damaged
        const [hit, at] = place < first.length ? [first, place] : [second, place - first.length]
        hit.writeUInt8(hit.readUInt8(at) ^ change, at)
        const contents = { ...leaf, certificate: damaged.map(pem).join('') }
        await loadPairs(folder, [contents]).catch((error: unknown) => {
          expect(error).toBeInstanceOf(GwError)
          expect(error).toMatchObject({ code: 'CERTIFICATE_INVALID' })
        })
      }),
      { numRuns: 150 },
    )
  })
})
