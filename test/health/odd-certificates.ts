import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Certificate } from '../../src/model/tls.js'
import { curveKey, make, makeAuthority, rsaKey, type Made } from '../certificate/workshop.js'

/** Chains by the names that cases call them, each a list of certificates in PEM in the order in which they are sent. */
const ROOT = await makeAuthority('Root')
const MIDDLE = await makeAuthority('Middle', ROOT)
const ENDED = await make({ name: 'Ended', ca: true, names: [], issuer: ROOT, to: '2026-11-20T00:00:00Z' })

type Recipe = Parameters<typeof make>[0]

function leaf(recipe: Recipe): Promise<Made> {
  return make({ issuer: MIDDLE, from: '2026-10-22T12:00:00Z', to: '2027-10-22T12:00:00Z', ...recipe })
}

/** A certificate for 90 days that ends when it says. */
function until(to: string): Promise<Made> {
  return leaf({ from: new Date(Date.parse(to) - 90 * 86_400_000).toISOString(), to })
}

const GOOD = await leaf({})

const CHAINS: Readonly<Record<string, readonly Made[]>> = {
  'another one': [GOOD, MIDDLE],
  'a third one': [await leaf({}), MIDDLE],
  'with the root': [GOOD, MIDDLE, ROOT],
  alone: [GOOD],
  'its own root': [await leaf({ issuer: undefined as never })],
  'in the wrong order': [GOOD, ROOT, MIDDLE],
  'with a stranger': [GOOD, ENDED],
  'below an issuer that has ended': [await leaf({ issuer: ENDED }), ENDED],
  expired: [await until('2026-11-18T08:00:00Z'), MIDDLE],
  'not valid yet': [await leaf({ from: '2026-11-23T20:00:00Z' }), MIDDLE],
  'with a third of its life left': [await until('2026-12-21T20:00:01Z'), MIDDLE],
  'with less than a third': [await until('2026-12-21T19:00:00Z'), MIDDLE],
  'with less than a sixth': [await until('2026-12-06T19:00:00Z'), MIDDLE],
  'for another name': [await leaf({ names: ['www.example.com', 'evil\u001b[2J.example'] }), MIDDLE],
  'for a common name only': [await leaf({ name: 'api.example.com', names: [] }), MIDDLE],
  'for clients': [await leaf({ purposes: ['1.3.6.1.5.5.7.3.2'] }), MIDDLE],
  'signed with SHA-1': [await leaf({ signature: { name: 'ECDSA', hash: 'SHA-1' } }), MIDDLE],
  'on a weak curve': [await leaf({ key: curveKey('secp256k1') }), MIDDLE],
  'with a short RSA key': [await leaf({ key: rsaKey(1024) }), MIDDLE],
}

/** The names of what the healthy pair serves. */
const USUAL: readonly Certificate['algorithm'][] = ['ecdsa', 'rsa']

export function chainCalled(name: string): string[] {
  const usual = USUAL.find((algorithm) => algorithm === name)
  if (usual !== undefined)
    return [readFileSync(join(import.meta.dirname, `certificates/${usual}.crt`), 'utf8')]
  const chain = CHAINS[name]
  if (chain === undefined) throw new Error(`no case may ask for a certificate ${name}`)
  return chain.map(({ certificate }) => certificate)
}
