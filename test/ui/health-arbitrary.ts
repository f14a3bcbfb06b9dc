import fc from 'fast-check'
import { GwError } from '../../src/errors.js'
import {
  FLEET_CHECKS,
  PHASES,
  type Finding,
  type HostHealth,
  type Judgement,
  type Verdict,
} from '../../src/model/health.js'
import { cellKey, type HealthView, type HostView } from '../../src/ui/health-view.js'
import { anyCharacter } from '../any-character.js'

/** Any text, with a liking for what terminals, monitors and parsers act upon. */
const anyText = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 40 }),
  fc.constantFrom(
    'a|b',
    '\u001b[2J',
    '\u001b]0;x\u0007',
    '"\n} 1',
    '\\',
    '\u202e',
    '\ud800',
    'ENV',
    '',
    ' ',
    '表'.repeat(900),
  ),
)

const anyFinding = (severity: Finding['severity']): fc.Arbitrary<Finding> =>
  fc.record({ severity: fc.constant(severity), message: anyText, help: anyText })

const some = (severity: Finding['severity']) => fc.array(anyFinding(severity), { maxLength: 2 })

/** As judgements are made: an error fails, else a note leaves it open. */
const anyJudgement: fc.Arbitrary<Judgement> = fc
  .tuple(some('error'), some('warning'), some('note'))
  .map(([errors, warnings, notes]) => ({
    verdict: errors.length > 0 ? 'fail' : notes.length > 0 ? 'inconclusive' : 'pass',
    findings: [...errors, ...warnings, ...notes],
  }))

const passed: fc.Arbitrary<Judgement> = fc.constant({ verdict: 'pass', findings: [] })

function judgements<Name extends string>(names: readonly Name[]): fc.Arbitrary<Record<Name, Judgement>> {
  // Mostly passed: else hardly any environment would be healthy.
  const one = fc.oneof({ arbitrary: passed, weight: 20 }, { arbitrary: anyJudgement, weight: 1 })
  return fc
    .tuple(...names.map(() => one))
    .map(
      (all) => Object.fromEntries(names.map((name, index) => [name, all[index]])) as Record<Name, Judgement>,
    )
}

const anyHealth: fc.Arbitrary<Omit<HostHealth, 'host'>> = fc.record({
  phases: judgements(PHASES),
  release: fc.oneof(fc.constant('v1.2'), fc.constant(null), anyText),
  holdsAddress: fc.boolean(),
  certificates: fc.array(
    fc.record({
      algorithm: fc.constantFrom('rsa' as const, 'ecdsa' as const),
      fingerprint: fc.constant('ab'),
      notAfter: fc.constantFrom('2026-12-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z', 'never'),
    }),
    { maxLength: 3 },
  ),
  clockOffset: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
})

const anyError = fc
  .tuple(
    fc.constantFrom('CONNECTION_REFUSED' as const, 'BECOME_REFUSED' as const),
    anyText,
    fc.array(anyText),
  )
  .map(([code, message, nextSteps]) => new GwError(code, message, { nextSteps }))

const anyHost = (host: string): fc.Arbitrary<HostView> =>
  fc.oneof(
    {
      arbitrary: anyHealth.map((health): HostView => ({
        host,
        state: 'judged',
        health: { host, ...health },
      })),
      weight: 8,
    },
    { arbitrary: anyError.map((error): HostView => ({ host, state: 'unanswered', error })), weight: 1 },
    { arbitrary: fc.constant<HostView>({ host, state: 'pending' }), weight: 1 },
  )

const HOSTS = ['gw-1', 'gateway-two', 'c', 'd']

/** A view as a look at an environment gives it, with words from hosts that mean no good. */
export const anyView: fc.Arbitrary<HealthView> = fc
  .record({
    environment: anyText,
    phases: fc.oneof(fc.constant([...PHASES]), fc.subarray([...PHASES], { minLength: 1 })),
    hosts: fc
      .integer({ min: 1, max: HOSTS.length })
      .chain((n) => fc.tuple(...HOSTS.slice(0, n).map(anyHost))),
    fleet: fc.record({ holder: fc.constantFrom('gw-1', null), checks: judgements(FLEET_CHECKS) }),
    changed: fc.subarray(HOSTS.flatMap((host) => PHASES.map((phase) => cellKey(host, phase)))),
    at: fc.option(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })),
  })
  .map(({ changed, ...drawn }) => {
    const checks = drawn.phases.length === PHASES.length ? FLEET_CHECKS : []
    const isOver = drawn.hosts.every(({ state }) => state !== 'pending')
    const view = { ...drawn, checks, fleet: isOver ? drawn.fleet : null, changed: new Set(changed) }
    return { ...view, verdict: isOver ? verdictOf(view) : null }
  })

function verdictOf({ hosts, phases, checks, fleet }: Omit<HealthView, 'verdict'>): Verdict {
  const verdicts = [
    ...hosts.flatMap((host) =>
      host.state === 'judged' ? phases.map((phase) => host.health.phases[phase]?.verdict) : ['inconclusive'],
    ),
    ...checks.map((check) => fleet?.checks[check]?.verdict),
  ]
  if (verdicts.includes('fail')) return 'fail'
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'pass'
}
