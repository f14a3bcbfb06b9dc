import type { Kind, Ledger, Sample } from '../../src/drill/sample.js'

/** A ledger of requests at 100 a second, with whatever else is given. */
export function ledgerOf(samples: readonly Sample[], rest: Partial<Ledger> = {}): Ledger {
  return {
    startedAt: new Date('2026-11-22T03:00:00Z'),
    durationMs: 1000,
    rates: { tcp: 100, tls: 100, keepalive: 100, http2: 100 },
    samples,
    cuts: [],
    pauses: [],
    latenessMs: 0,
    ...rest,
  }
}

/** Requests of a second, one every 10 ms; `become` tells what becomes of the one that is due then, by default an answer after 2 ms. */
export function secondOf(
  become: (due: number) => Partial<Sample> = () => ({}),
  kind: Kind = 'tls',
): Sample[] {
  return Array.from({ length: 100 }, (_, index): Sample => {
    const due = index * 10
    return { kind, due, ended: due + 2, node: 'gw-1', failure: null, ...become(due) }
  })
}
