import fc from 'fast-check'
import type { Clients } from '../../src/drill/summary.js'
import { DRILL_VERDICTS, type DrillReport, type ScenarioReport } from '../../src/drill/report.js'
import { FAILURES, KINDS } from '../../src/drill/sample.js'
import { SCENARIO_NAMES } from '../../src/drill/scenarios/names.js'
import { anyCharacter } from '../any-character.js'

/** Markup, terminal sequences, and what else may break out of where it stands. */
const hostileText = fc.oneof(
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    '</title></svg></style><b>',
    '\u001b[31mred\u001b[0m\u0007\r\n',
    ']]><!--&amp;',
    'url(javascript:alert(1))',
    '__proto__',
  ),
  fc.string({ unit: anyCharacter, maxLength: 12 }),
)

const host = fc.oneof(fc.constantFrom('gw-1', 'gw-2'), hostileText)
const at = fc.double({ min: -2000, max: 20_000, noNaN: true })
const ms = fc.double({ min: 0, max: 20_000, noNaN: true })
const count = fc.nat(9)
const counts = fc.array(count, { maxLength: 30 })
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null })

const outage = fc.record({ fromMs: at, toMs: at, ms, unknownMs: ms, isOver: fc.boolean() })

const clients: fc.Arbitrary<Clients> = fc.record({
  kind: fc.constantFrom(...KINDS),
  sent: count,
  failed: count,
  failures: fc.dictionary(fc.constantFrom(...FAILURES), count),
  unsent: count,
  cut: count,
  p50Ms: orNull(ms),
  p99Ms: orNull(ms),
  slowestMs: orNull(ms),
  outage: orNull(outage),
  unknownMs: ms,
  nodes: fc.array(host, { maxLength: 3 }),
  silence: orNull(outage),
})

const scenario: fc.Arbitrary<ScenarioReport> = fc.record({
  name: fc.constantFrom(...SCENARIO_NAMES),
  expects: fc.constantFrom('moves', 'stays', 'splits'),
  verdict: fc.constantFrom(...DRILL_VERDICTS),
  reasons: fc.array(hostileText, { maxLength: 2 }),
  hosts: fc.array(host, { maxLength: 2 }),
  holderBefore: orNull(host),
  holderAfter: orNull(host),
  startedAt: fc.constant('2026-11-22T02:00:00.000Z'),
  durationMs: fc.oneof(fc.constant(0), ms),
  disturbedAt: orNull(at),
  undoneAt: orNull(at),
  undoneBy: orNull(fc.constantFrom('gw', 'host', 'boot')),
  outageMs: orNull(ms),
  clients: fc.array(clients, { maxLength: 4 }),
  unmeasured: fc.dictionary(fc.constantFrom(...KINDS), fc.constantFrom(...FAILURES)),
  latenessMs: ms,
  requests: fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS),
      binMs: fc.double({ min: 1, max: 500, noNaN: true }),
      failed: counts,
      answered: fc.dictionary(host, counts, { maxKeys: 3 }),
    }),
    { maxLength: 4 },
  ),
  holders: fc.array(fc.record({ host, from: at, to: orNull(at) }), { maxLength: 4 }),
  events: fc.array(
    fc.record({
      at,
      host: orNull(host),
      kind: fc.constantFrom('step', 'address', 'vrrp', 'arp'),
      text: hostileText,
    }),
    { maxLength: 5 },
  ),
  clocks: fc.array(fc.record({ host, offsetMs: at, errorMs: ms }), { maxLength: 2 }),
})

/** A drill with texts that no gateway of good will has, and figures that make little sense together. */
export const hostileDrill: fc.Arbitrary<DrillReport> = fc.record({
  schemaVersion: fc.constant(1),
  run: fc.constant('0badf00d'),
  environment: hostileText,
  by: hostileText,
  command: hostileText,
  gw: hostileText,
  startedAt: fc.constant('2026-11-22T02:00:00.000Z'),
  durationMs: ms,
  address: hostileText,
  settings: fc.record({
    maxOutageMs: ms,
    rate: count,
    from: orNull(host),
    holdMs: ms,
    undoAfterMs: ms,
    failback: fc.boolean(),
  }),
  scenarios: fc.array(scenario, { maxLength: 3 }),
  skipped: fc.array(fc.constantFrom(...SCENARIO_NAMES), { maxLength: 2 }),
  verdict: fc.constantFrom(...DRILL_VERDICTS),
})
