import { totalsOf } from '../drill/course.js'
import type { Clients } from '../drill/summary.js'
import type { Kind } from '../drill/sample.js'

/** What clients saw as `--json` has it; figures that were not measured are null. */
export function clientsJson(clients: readonly Clients[]) {
  const totals = totalsOf(clients)
  return {
    sent: totals?.sent ?? null,
    failed: totals?.failed ?? null,
    clients: Object.fromEntries(clients.map((each) => [each.kind, figuresOf(each)])),
  }
}

/** The longest time without an answer that clients of a kind saw; null when it was not measured. */
export function silenceOfKind(clients: readonly Clients[], kind: Kind): number | null {
  const found = clients.find((each) => each.kind === kind)
  return found === undefined ? null : silenceMs(found)
}

/** Whole milliseconds, as all of `--json` has them. */
export function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms)
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
