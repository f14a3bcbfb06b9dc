import type { Clients } from '../drill/measurement.js'
import type { FailoverView } from './failover-text.js'

/** What `--json` has of a failover that did not come to its handover. */
export const NO_HANDOVER = { from: null, to: null, outageMs: null, sent: null, failed: null, clients: {} }

/** The same of one that did; figures that were not measured are null. */
export function failoverJson({ from, to, measured: { clients } }: FailoverView): Record<string, unknown> {
  const tls = clients.find(({ kind }) => kind === 'tls')
  const isMeasured = clients.length > 0
  return {
    from,
    to,
    outageMs: tls === undefined ? null : silenceMs(tls),
    sent: isMeasured ? sum(clients.map(({ sent }) => sent)) : null,
    failed: isMeasured ? sum(clients.map(({ failed }) => failed)) : null,
    clients: Object.fromEntries(clients.map((each) => [each.kind, figuresOf(each)])),
  }
}

function figuresOf(clients: Clients) {
  const { sent, failed, failures, cut, unsent, nodes } = clients
  return {
    ...{ sent, failed, failures, cut, unsent },
    outageMs: silenceMs(clients),
    unknownMs: Math.round(clients.silence?.unknownMs ?? 0),
    p50Ms: rounded(clients.p50Ms),
    p99Ms: rounded(clients.p99Ms),
    slowestMs: rounded(clients.slowestMs),
    nodes,
  }
}

function silenceMs({ silence }: Clients): number | null {
  return rounded(silence?.ms ?? null)
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
