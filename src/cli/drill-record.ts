import type { Clients } from '../drill/summary.js'
import type { Outage } from '../drill/outage.js'
import {
  DRILL_VERDICTS,
  type ClockOffset,
  type DrillEvent,
  type DrillReport,
  type DrillSettings,
  type Holding,
  type ScenarioReport,
} from '../drill/report.js'
import type { RequestBins } from '../drill/request-bins.js'
import { FAILURES, KINDS } from '../drill/sample.js'
import { SCENARIO_NAMES } from '../drill/scenarios/names.js'
import * as stored from './stored-shape.js'

/**
 * A drill as it is kept: a line with all but its requests over time, which are most of it and which only its page draws, and
 * a line with those of each scenario.
 */
export function drillLines(report: DrillReport): string {
  const requests = report.scenarios.map((scenario) => scenario.requests)
  return `${JSON.stringify(withRequests(report, []))}\n${JSON.stringify(requests)}\n`
}

/** Reads a drill that was kept; texts in it are safe to print. Null for one that makes no sense. */
export function parseDrill(content: string): DrillReport | null {
  const [head = '', requests = ''] = content.split('\n')
  return unlessGarbled(() => {
    const report = REPORT(JSON.parse(head))
    const read = REQUESTS(JSON.parse(requests))
    return read.length === report.scenarios.length ? withRequests(report, read) : null
  })
}

/** The same without its requests over time, in a fraction of the time. */
export function parseDrillHead(content: string): DrillReport | null {
  const [head = ''] = content.split('\n', 1)
  return unlessGarbled(() => REPORT(JSON.parse(head)))
}

function withRequests(report: DrillReport, requests: readonly (readonly RequestBins[])[]): DrillReport {
  const scenarios = report.scenarios.map((scenario, index) => ({
    ...scenario,
    requests: requests[index] ?? [],
  }))
  return { ...report, scenarios }
}

function unlessGarbled(read: () => DrillReport | null): DrillReport | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof stored.Garbled || error instanceof SyntaxError) return null
    throw error
  }
}

const { amount, list, number, oneOf, orNull, shape, someOf, text, time, truth } = stored

const OUTAGE = shape<Outage>({
  fromMs: number,
  toMs: number,
  ms: amount,
  unknownMs: amount,
  isOver: truth,
})

const CLIENTS = shape<Clients>({
  kind: oneOf(KINDS),
  sent: amount,
  failed: amount,
  failures: someOf(FAILURES, amount),
  unsent: amount,
  cut: amount,
  p50Ms: orNull(amount),
  p99Ms: orNull(amount),
  slowestMs: orNull(amount),
  outage: orNull(OUTAGE),
  unknownMs: amount,
  nodes: list(text),
  silence: orNull(OUTAGE),
})

const BINS = shape<RequestBins>({
  kind: oneOf(KINDS),
  binMs: amount,
  failed: list(amount),
  answered: stored.byName(list(amount)),
})

const REQUESTS = list(list(BINS))

const HOLDING = shape<Holding>({ host: text, from: number, to: orNull(number) })

const EVENT = shape<DrillEvent>({
  at: number,
  host: orNull(text),
  kind: oneOf(['step', 'address', 'vrrp', 'arp']),
  text,
})

const CLOCK = shape<ClockOffset>({ host: text, offsetMs: number, errorMs: amount })

const SCENARIO = shape<ScenarioReport>({
  name: oneOf(SCENARIO_NAMES),
  expects: oneOf(['moves', 'stays', 'splits']),
  verdict: oneOf(DRILL_VERDICTS),
  reasons: list(text),
  hosts: list(text),
  holderBefore: orNull(text),
  holderAfter: orNull(text),
  startedAt: time,
  durationMs: amount,
  disturbedAt: orNull(number),
  undoneAt: orNull(number),
  undoneBy: orNull(oneOf(['gw', 'host', 'boot'])),
  outageMs: orNull(amount),
  clients: list(CLIENTS),
  unmeasured: someOf(KINDS, oneOf(FAILURES)),
  latenessMs: amount,
  requests: list(BINS),
  holders: list(HOLDING),
  events: list(EVENT),
  clocks: list(CLOCK),
})

const SETTINGS = shape<DrillSettings>({
  maxOutageMs: amount,
  rate: amount,
  from: orNull(text),
  holdMs: amount,
  undoAfterMs: amount,
  failback: truth,
})

const REPORT = shape<DrillReport>({
  schemaVersion: oneOf([1]),
  run: stored.formed(/^[0-9a-f]{8}$/),
  environment: text,
  by: text,
  command: text,
  gw: text,
  startedAt: time,
  durationMs: amount,
  address: text,
  settings: SETTINGS,
  scenarios: list(SCENARIO),
  skipped: list(oneOf(SCENARIO_NAMES)),
  verdict: oneOf(DRILL_VERDICTS),
})
