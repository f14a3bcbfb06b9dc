import { stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { whenAborted } from '../../src/connection/abort.js'
import { rejection } from '../../src/connection/deadline.js'
import { OpenLoop, type Ask } from '../../src/drill/open-loop.js'
import { outageOf } from '../../src/drill/outage.js'
import { summaryOf } from '../../src/drill/summary.js'
import { Unserved } from '../../src/drill/unserved.js'
import { ROOT } from '../root.js'

const BLOCK_MS = 500

/** Keeps this thread from doing anything. */
function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS)
}

function loopOf(ask: Ask, rate: number, timeoutMs: number): OpenLoop {
  const nobody = { ended: () => undefined, waits: () => undefined, turned: () => undefined }
  return new OpenLoop({ tcp: ask, tls: ask, keepalive: ask, http2: ask }, { tls: rate }, timeoutMs, nobody)
}

describe('a loop of requests', () => {
  it('sends what is due though nothing is answered, ends each when its time is over, and waits for the last', async () => {
    let open = 0
    let most = 0
    let asked = 0
    const loop = loopOf(
      async (signal) => {
        asked += 1
        most = Math.max(most, ++open)
        await rejection(signal).finally(() => (open -= 1))
        return null
      },
      100,
      100,
    )
    await expect.poll(() => asked, { timeout: 9000, interval: 5 }).toBeGreaterThan(60)
    const ledger = await loop.stop()
    const { sent, failures } = summaryOf(ledger, 'tls')
    expect([open, sent, failures]).toEqual([0, asked, { timeout: asked }])
    // Ten are due within the time; those of a late turn come together, and a standstill does not count.
    const stood = ledger.pauses.reduce((sum, { from, to }) => sum + to - from, ledger.latenessMs)
    expect(most).toBeLessThanOrEqual(11 + Math.ceil(stood / 10))
    const waits = ledger.samples.filter(({ failure }) => failure === 'timeout')
    expect(waits.every(({ due, ended }) => ended - due >= 100)).toBe(true)
  })

  it('does not take its own standstill for an outage, nor for a latency', async () => {
    let asked = 0
    const loop = loopOf(
      () => {
        asked += 1
        return Promise.resolve('gw-1')
      },
      100,
      100,
    )
    await expect.poll(() => asked, { timeout: 9000, interval: 5 }).toBeGreaterThan(5)
    block()
    const before = asked
    await expect.poll(() => asked, { timeout: 9000, interval: 5 }).toBeGreaterThan(before + 5)
    const ledger = await loop.stop()
    const { sent, failed, unsent, unknownMs, p99Ms, outage } = summaryOf(ledger, 'tls')
    expect([sent, failed, outage]).toEqual([asked, 0, null])
    expect(unsent).toBeGreaterThan(30)
    expect(unknownMs).toBeGreaterThan(BLOCK_MS - 40)
    expect(ledger.latenessMs).toBeGreaterThan(BLOCK_MS - 20)
    expect(p99Ms).toBeLessThan(BLOCK_MS / 2)
    expect(ledger.samples.map(({ due }) => due)).toEqual(
      ledger.samples.map(({ due }) => due).toSorted((one, other) => one - other),
    )
  })

  it('reads what has come while it stood still before it gives anything up', async () => {
    let asked = 0
    const loop = loopOf(
      (signal) =>
        // The answer comes while this thread stands still, after which its timers come first.
        new Promise((resolve, reject) => {
          asked += 1
          const isFifth = asked === 5
          whenAborted(signal, reject)
          setImmediate(() => {
            stat(ROOT).then(() => {
              resolve('gw-1')
            }, reject)
            if (isFifth) block()
          })
        }),
      100,
      BLOCK_MS / 5,
    )
    await expect.poll(() => asked, { timeout: 9000, interval: 5 }).toBeGreaterThan(10)
    const ledger = await loop.stop()
    expect(ledger.pauses.length).toBeGreaterThan(0)
    expect(summaryOf(ledger, 'tls').failures).toEqual({})
    const { from, to } = ledger.pauses.find((pause) => pause.to - pause.from > BLOCK_MS / 2) ?? {
      from: 0,
      to: 0,
    }
    // It counts as long as that takes, so that an outage which follows begins with it.
    const read = ledger.samples.filter(({ failure }) => failure === null).map(({ ended }) => ended)
    expect(read.some((ended) => ended > from + BLOCK_MS / 2 && ended <= to)).toBe(true)
  })

  it('tells what requests failed by, and what was cut when', async () => {
    let asked = 0
    const loop = loopOf(
      () => {
        loop.cut('tls')
        return Promise.reject(new Unserved(++asked % 2 === 0 ? 'reset' : 'unsent'))
      },
      100,
      100,
    )
    await expect.poll(() => asked, { timeout: 9000, interval: 5 }).toBeGreaterThan(10)
    const ledger = await loop.stop()
    const { sent, unsent, failures, cut } = summaryOf(ledger, 'tls')
    const reset = Math.floor(asked / 2)
    expect([sent, failures, cut]).toEqual([reset, { reset }, asked])
    // What was due while the loop stood still is not sent, either.
    expect(unsent).toBeGreaterThanOrEqual(asked - reset)
    expect(ledger.cuts[0]?.at).toBeGreaterThanOrEqual(ledger.samples[0]?.due ?? Infinity)
    expect(outageOf(ledger, 'tls')).toMatchObject({ fromMs: 0, isOver: false })
  })
})
