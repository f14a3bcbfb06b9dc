import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FleetObservation, HostObservation } from '../../src/health/observation.js'
import { judgeCertificate, servedCertificates } from '../../src/health/phases/certificate.js'
import { certificatesOf } from '../../src/health/shown-certificates.js'
import type { HealthReport } from '../../src/model/health.js'
import type { Gateway } from '../../src/model/gateway.js'
import type { Probe } from '../../src/probe/probe.js'
import { type Changes, withChanges } from './changes.js'
import { GATEWAY } from './gateway.js'
import { fleetSeen, healthAnswer, hostSeen, NOW, type HostName } from './observation.js'
import { chainCalled } from './odd-certificates.js'
import { anyWord, expectReadable } from './phase-cases.js'

const CASES = join(import.meta.dirname, '../cases/health/certificate')

/** What a gateway has for one algorithm, by the names of chains. What is left out is as what stands before it. */
interface Having {
  /** Null when no handshake shows it. */
  readonly shown?: string | null
  /** In its file; any text that names no chain stands there as it is, null for no file. */
  readonly disk?: string | null
  /** By the manifest of the release. */
  readonly published?: string
  readonly distrusted?: string
}

interface HostCase {
  readonly ecdsa?: Having
  readonly rsa?: Having
  /** What the virtual IP shows to it. */
  readonly address?: string
  readonly seen?: Changes<HostObservation>
}

interface Case {
  readonly hosts: Partial<Readonly<Record<HostName, HostCase>>>
  /** What the virtual IP shows to this machine, and which node it says it is. */
  readonly address?: string
  readonly node?: string
  readonly tls?: 'files'
}

const ALGORITHMS = ['ecdsa', 'rsa'] as const

function textCalled(name: string): string {
  try {
    return chainCalled(name).join('')
  } catch {
    return name
  }
}

function withHaving(seen: HostObservation, algorithm: 'ecdsa' | 'rsa', having: Having): HostObservation {
  const { shown = algorithm, disk = shown, published = disk ?? algorithm, distrusted = null } = having
  const path = `nginx/gw/tls/${algorithm}.crt`
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
  const { manifest } = seen.store
  if (manifest === null) throw new Error('the release has no manifest')
  const chain = shown === null ? [] : chainCalled(shown)
  const refused = { failure: 'tls', why: 'the server took none of the ciphers that were offered' } as const
  const probe: HostObservation['handshakes'][number]['probe'] =
    shown === null ? refused : { answer: { protocol: 'TLSv1.2', chain, distrusted } }
  // Over TLS 1.3 NGINX shows the ECDSA certificate, where it has one.
  const ownToo = 'answer' in seen.own && algorithm === 'ecdsa' && shown !== null
  return {
    ...seen,
    texts: [
      ...seen.texts.filter((each) => each.path !== path),
      { path, text: disk === null ? null : textCalled(disk) },
    ],
    handshakes: seen.handshakes.map((each) => (each.algorithm === algorithm ? { algorithm, probe } : each)),
    own: 'answer' in seen.own && ownToo ? { answer: { ...seen.own.answer, chain, distrusted } } : seen.own,
    store: {
      ...seen.store,
      live: seen.store.live.flatMap((file) => {
        if (file.path !== path) return [file]
        return disk === null ? [] : [{ ...file, sha256: sha256(textCalled(disk)) }]
      }),
      manifest: {
        ...manifest,
        files: manifest.files.map((file) =>
          file.path === path ? { ...file, sha256: sha256(textCalled(published)) } : file,
        ),
      },
    },
  }
}

function answerShowing(name: string, node: string): FleetObservation['address'] {
  return { answer: { ...healthAnswer(node).answer, chain: chainCalled(name) } }
}

function fleetOf({ hosts, node = 'gw-1', ...given }: Case): FleetObservation {
  const { address = hosts['gw-1']?.ecdsa?.shown ?? 'ecdsa' } = given
  const seen = (['gw-1', 'gw-2'] as const).map((name) => {
    const { seen: changes = {}, address: shown = address, ...having } = hosts[name] ?? {}
    const before = hostSeen({}, name)
    const all = ALGORITHMS.reduce((host, each) => withHaving(host, each, having[each] ?? {}), before)
    return withChanges({ ...all, address: answerShowing(shown, node) }, changes)
  })
  return fleetSeen({}, { hosts: seen, address: answerShowing(address, node) })
}

function judgedAll(fleet: FleetObservation, gateway: Gateway) {
  const all = { fleet, certificates: fleet.hosts.map(certificatesOf) }
  return all.certificates.map((own) => ({ seen: own.seen, ...judgeCertificate(own, all, gateway) }))
}

function textOf(judgements: ReturnType<typeof judgedAll>): string {
  const lines = judgements.flatMap(({ seen, verdict, findings }) => [
    `${seen.host}: ${verdict}`,
    ...findings.map(({ severity, message, help }) => `  ${severity}: ${message}\n    ${help}`),
  ])
  return [...lines, ''].join('\n')
}

describe('certificates', () => {
  const files = readdirSync(CASES).filter((file) => file.endsWith('.json'))
  test.each(files.map((file) => ({ title: file.slice(0, -5).replaceAll('-', ' '), file })))(
    '$title',
    async ({ file }) => {
      const given = JSON.parse(readFileSync(join(CASES, file), 'utf8')) as Case
      const gateway: Gateway =
        given.tls === 'files' ? { ...GATEWAY, tls: { kind: 'files', pairs: [] } } : GATEWAY
      const judgements = judgedAll(fleetOf(given), gateway)
      judgements.flatMap(({ findings }) => findings).forEach(expectReadable)
      await expect(textOf(judgements)).toMatchFileSnapshot(join(CASES, `${file}.expected.txt`))
    },
  )

  test('of a pair that is well are found well', () => {
    for (const { verdict, findings } of judgedAll(fleetSeen(), GATEWAY))
      expect({ verdict, findings }).toEqual({ verdict: 'pass', findings: [] })
  })

  test('are told for metrics with their ends, each once', () => {
    const served: HealthReport['hosts'][number]['certificates'] = servedCertificates(
      certificatesOf(hostSeen()),
    )
    expect(served).toEqual(
      ALGORITHMS.map((algorithm) => ({
        algorithm,
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        notAfter: '2027-10-22T12:00:00.000Z',
      })),
    )
    expect(new Set(served.map(({ fingerprint }) => fingerprint)).size).toBe(2)
    expect(
      servedCertificates(certificatesOf(hostSeen({ own: { failure: 'tls', why: '' }, handshakes: [] }))),
    ).toEqual([])
  })
})

describe('whatever is shown', () => {
  const anyFailure = fc.record({
    failure: fc.constantFrom('forbidden', 'unreachable', 'late', 'tls', 'http'),
    why: anyWord,
  })
  const anyChain = fc.array(
    fc.oneof(
      anyWord,
      fc
        .constantFrom('ecdsa', 'rsa', 'in the wrong order', 'expired')
        .map((name) => chainCalled(name).join('')),
    ),
    { maxLength: 4 },
  )
  const anyAnswer = fc.record({
    protocol: fc.constantFrom('TLSv1.2', 'TLSv1.3'),
    chain: anyChain,
    distrusted: fc.option(anyWord.map((word) => `${word}!`)),
  })
  const anyProbe: fc.Arbitrary<
    Probe<{ protocol: 'TLSv1.2' | 'TLSv1.3'; chain: string[]; distrusted: string | null }>
  > = fc.oneof(
    anyFailure,
    anyAnswer.map((answer) => ({ answer })),
  )

  test('is told in clean sentences, and nothing shown never passes', () => {
    fc.assert(
      fc.property(anyProbe, anyProbe, anyProbe, anyWord, (own, handshake, address, text) => {
        const { answer } = healthAnswer('gw-1')
        const asWeb = (probe: typeof own) =>
          'answer' in probe ? { answer: { ...answer, ...probe.answer } } : probe
        const seen: HostObservation = {
          ...hostSeen(),
          own: asWeb(own),
          handshakes: [{ algorithm: 'ecdsa', probe: handshake }],
          texts: [{ path: 'nginx/gw/tls/ecdsa.crt', text }],
        }
        const fleet = fleetSeen(
          {},
          { hosts: [seen, hostSeen({}, 'gw-2')], address: asWeb(address), now: NOW },
        )
        const parsed = certificatesOf(seen)
        const { verdict, findings } = judgeCertificate(
          parsed,
          { fleet, certificates: [parsed, ...fleet.hosts.slice(1).map(certificatesOf)] },
          GATEWAY,
        )
        findings.forEach(expectReadable)
        if (servedCertificates(parsed).length === 0) expect(verdict).not.toBe('pass')
      }),
    )
  })
})
