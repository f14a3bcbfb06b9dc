import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { type HealthScope, judgeHealth, scopeOf, verdictOf } from '../../src/health/judge.js'
import { judged } from '../../src/health/judgement.js'
import type { HostObservation } from '../../src/health/observation.js'
import { FLEET_CHECKS, type Finding, type PhaseName, PHASES, type Verdict } from '../../src/model/health.js'
import type { TlsAnswer } from '../../src/probe/probe.js'
import type { Changes } from './changes.js'
import { GATEWAY } from './gateway.js'
import { fleetSeen, hostSeen } from './observation.js'

const WHOLE: HealthScope = { phases: PHASES, wholeFleet: true }

/** What is not well: empty for a pair that is. */
function complaints(fleet: ReturnType<typeof fleetSeen>, scope = WHOLE): string[] {
  const { hosts, fleet: together } = judgeHealth(fleet, GATEWAY, scope)
  const places = [
    ...hosts.flatMap(({ host, phases }) =>
      Object.entries(phases).map(([name, each]) => [`${host} ${name}`, each] as const),
    ),
    ...Object.entries(together?.checks ?? {}).map(([name, each]) => [`fleet ${name}`, each] as const),
  ]
  return places.flatMap(([place, { findings }]) =>
    findings.map(({ severity, message }) => `${place}: ${severity}: ${message}`),
  )
}

describe('a pair that is well', () => {
  it('passes in every phase and check, without a word', () => {
    expect(complaints(fleetSeen())).toEqual([])
    const report = judgeHealth(fleetSeen(), GATEWAY, WHOLE)
    expect(report).toMatchObject({ verdict: 'pass', unreachable: [], fleet: { holder: 'gw-1' } })
    expect(report.hosts.map(({ host, release, holdsAddress }) => [host, release, holdsAddress])).toEqual([
      ['gw-1', 'v1.2', true],
      ['gw-2', 'v1.2', false],
    ])
    for (const { phases } of report.hosts) expect(Object.keys(phases)).toEqual(PHASES)
    expect(Object.keys(report.fleet?.checks ?? {})).toEqual(FLEET_CHECKS)
  })
})

test('a host whose texts did not come passes neither upstreams nor certificate', () => {
  const { texts } = hostSeen()
  const of = (left: typeof texts, handshakes = hostSeen().handshakes) => {
    const fleet = fleetSeen({ 'gw-2': { texts: left, handshakes } })
    return complaints(fleet).filter((each) => !each.startsWith('fleet'))
  }
  expect(of([], [])).toEqual([
    'gw-2 upstreams: note: what nginx/gw/pools/admin.conf and 1 more of the release says could not be read',
    'gw-2 certificate: note: what nginx/gw/tls/ecdsa.crt and 1 more of the release says could not be read',
  ])
  expect(of(texts.map(({ path }) => ({ path, text: null })))).toHaveLength(2)
})

describe('a scope', () => {
  it('of some phases leaves out the others and what is said of the fleet', () => {
    const report = judgeHealth(fleetSeen(), GATEWAY, { phases: ['ports', 'http'], wholeFleet: true })
    expect(report.hosts.map(({ phases }) => Object.keys(phases))).toEqual([
      ['ports', 'http'],
      ['ports', 'http'],
    ])
    expect(report.fleet).toEqual({ holder: 'gw-1', checks: {} })
  })

  it('of some gateways says nothing of the fleet', () => {
    expect(judgeHealth(fleetSeen(), GATEWAY, { phases: PHASES, wholeFleet: false }).fleet).toBeNull()
  })

  it('has its phases in their order, each once, however they were asked for', () => {
    expect(scopeOf(['http', 'process', 'http'], true)).toEqual({
      phases: ['process', 'http'],
      wholeFleet: true,
    })
    expect(scopeOf(undefined, false)).toEqual({ phases: PHASES, wholeFleet: false })
  })

  it('of a phase that is open fails when another one of the same gateway has failed', () => {
    const stopped = {
      processes: { pidFile: null, processes: [] },
      listeners: [],
      own: { failure: 'unreachable', why: 'nothing listens' },
    } as const
    const judgedIn = (phases: readonly PhaseName[], own: Changes<HostObservation>) => {
      const report = judgeHealth(fleetSeen({ 'gw-2': own }), GATEWAY, scopeOf(phases, true))
      return [report.verdict, report.hosts[1]?.phases[phases[0] ?? 'http']?.verdict]
    }
    expect(judgedIn(['http'], stopped)).toEqual(['fail', 'inconclusive'])
    expect(judgedIn(['certificate'], stopped)).toEqual(['fail', 'inconclusive'])
    expect(judgedIn(['upstreams'], stopped)).toEqual(['pass', 'pass'])
    expect(judgedIn(['upstreams'], { upstreams: [] })).toEqual(['inconclusive', 'inconclusive'])
  })

  it('does not hide what fails within it', () => {
    const fleet = fleetSeen({ 'gw-2': { upstreams: [] } })
    expect(judgeHealth(fleet, GATEWAY, { phases: ['upstreams'], wholeFleet: false }).verdict).toBe(
      'inconclusive',
    )
    expect(judgeHealth(fleet, GATEWAY, { phases: ['ports'], wholeFleet: false }).verdict).toBe('pass')
  })
})

test.each([[['gw-1']], [['gw-2']], [['gw-1', 'gw-2']]])(
  'a pair of which %j did not answer never passes',
  (unreachable) => {
    const all = fleetSeen()
    const fleet = { ...all, hosts: all.hosts.filter(({ host }) => !unreachable.includes(host)), unreachable }
    const report = judgeHealth(fleet, GATEWAY, WHOLE)
    expect(report.verdict).toBe('inconclusive')
    const verdicts = Object.entries(report.fleet?.checks ?? {}).map(([name, { verdict }]) => [name, verdict])
    expect(verdicts).toEqual(FLEET_CHECKS.map((name) => [name, 'inconclusive']))
  },
)

test('the certificates of a gateway are parsed once, however many others they are compared with', () => {
  let read = 0
  const counted = ({ answer }: { readonly answer: TlsAnswer }) => ({
    answer: {
      ...answer,
      get chain() {
        read++
        return answer.chain
      },
    },
  })
  const hosts = Array.from({ length: 8 }, (_, index) => {
    const seen = { ...hostSeen({ holdsAddress: false }), host: `gw-${index}` }
    const handshakes = seen.handshakes.map(({ algorithm, probe }) => ({
      algorithm,
      probe: 'answer' in probe ? counted(probe) : probe,
    }))
    return { ...seen, handshakes }
  })
  judgeHealth({ ...fleetSeen(), hosts }, GATEWAY, WHOLE)
  expect(read).toBe(2 * hosts.length)
})

const anyVerdict = fc.constantFrom<Verdict>('pass', 'fail', 'inconclusive')
const anyFinding = fc.record<Finding>({
  severity: fc.constantFrom('error', 'warning', 'note'),
  message: fc.string(),
  help: fc.string(),
})

test('one failure fails all, and all pass only when each does and every host has answered', () => {
  fc.assert(
    fc.property(fc.array(anyVerdict), fc.array(fc.string()), (verdicts, unreachable) => {
      const verdict = verdictOf(
        verdicts.map((each) => ({ verdict: each, findings: [] })),
        unreachable,
      )
      expect(verdict === 'fail').toBe(verdicts.includes('fail'))
      expect(verdict === 'pass').toBe(verdicts.every((each) => each === 'pass') && unreachable.length === 0)
    }),
  )
})

test('errors fail, notes leave open, warnings do neither; the gravest comes first and nothing is lost', () => {
  fc.assert(
    fc.property(fc.array(anyFinding), (findings) => {
      const { verdict, findings: inOrder } = judged(findings)
      const has = (severity: Finding['severity']) => findings.some((each) => each.severity === severity)
      expect(verdict).toBe(has('error') ? 'fail' : has('note') ? 'inconclusive' : 'pass')
      const rank = (finding: Finding) => ['error', 'warning', 'note'].indexOf(finding.severity)
      expect(inOrder).toEqual(findings.toSorted((one, other) => rank(one) - rank(other)))
    }),
  )
})
