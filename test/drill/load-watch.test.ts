import { describe, expect, it } from 'vitest'
import { LoadWatch } from '../../src/drill/load-watch.js'
import type { Failure, Kind } from '../../src/drill/sample.js'

/** A watch that looks every 10 ms, and what it says. */
class Watching {
  readonly watch: LoadWatch
  readonly late: number[] = []
  clean: number[] = []
  #now = 0

  constructor(kinds: readonly Kind[]) {
    this.watch = new LoadWatch(kinds, {
      late: () => this.late.push(this.#now),
      clean: (ms) => this.clean.push(ms),
    })
  }

  /** From here on an outage may last for so long. */
  allow(maxOutageMs: number): this {
    this.watch.watchOutage(maxOutageMs)
    return this
  }

  /** Requests of a kind end at every look until then, or none does. */
  until(end: number, kind: Kind | null = null, failure: Failure | null = null): this {
    for (; this.#now < end; this.#now += 10) {
      if (kind !== null) this.watch.ended(kind, failure, this.#now)
      this.watch.turned(this.#now)
    }
    return this
  }
}

describe('new connections', () => {
  it('are late once, when they have had no answer for longer than they may', () => {
    const watching = new Watching(['tcp', 'tls']).allow(100).until(500, 'tls').until(1000, 'tls', 'refused')
    expect(watching.until(1200).late).toEqual([600])
  })

  it('are late without a failure, too, and when none was ever answered', () => {
    expect(new Watching(['tls']).allow(100).until(300).late).toEqual([110])
  })

  it('are not late while they are answered in time, or where nobody sets a time', () => {
    const watching = new Watching(['tls']).allow(100).until(100).until(110, 'tls').until(210)
    expect(watching.until(220, 'tls').late).toEqual([])
    expect(new Watching(['tls']).until(9000).late).toEqual([])
  })

  it('are not late by an outage that was over when a time was set', () => {
    const watching = new Watching(['tls']).until(100, 'tls').until(600).until(610, 'tls').allow(100)
    expect(watching.until(700).late).toEqual([])
    expect(watching.until(900).late).toEqual([710])
  })

  it('are late by an outage that lasts since before, from the last answer on', () => {
    const watching = new Watching(['tls']).until(100, 'tls').until(150).allow(100)
    expect(watching.until(300).late).toEqual([200])
    expect(new Watching(['tls']).until(500).allow(100).until(600).late).toEqual([500])
  })

  it('are late anew when a time is set anew', () => {
    const watching = new Watching(['tls']).allow(100).until(300).until(400, 'tls').allow(50)
    expect(watching.until(600).late).toEqual([110, 450])
  })

  it('are those over TLS, where these are reached', () => {
    expect(new Watching(['tcp', 'tls']).allow(100).until(300, 'tcp').late).toEqual([110])
    expect(new Watching(['tcp', 'keepalive']).allow(100).until(300, 'tcp').late).toEqual([])
    expect(new Watching(['tcp', 'keepalive']).allow(100).until(300, 'keepalive').late).toEqual([110])
  })

  it('are never late where they were not reached', () => {
    expect(new Watching(['keepalive', 'http2']).allow(100).until(300).late).toEqual([])
  })
})

describe('a load', () => {
  it('is clean since the last failure', () => {
    const watching = new Watching(['tls', 'http2']).until(1000, 'tls').until(1010, 'http2', 'reset')
    watching.clean = []
    watching.until(1200, 'tls')
    expect(watching.clean).toEqual([50, 100, 150])
  })

  it('is not clean while a request waits for long', () => {
    const watching = new Watching(['tls'])
    watching.watch.waits('tls', 500, 400)
    watching.watch.turned(400)
    expect(watching.clean.at(-1)).toBe(400)
    watching.watch.waits('tls', 501, 450)
    watching.watch.turned(450)
    expect(watching.clean.at(-1)).toBe(0)
  })

  it('is as clean as before where something was not sent, or a kind fails that was not reached', () => {
    const watching = new Watching(['tls']).until(300, 'tls', 'unsent').until(600, 'http2', 'refused')
    watching.watch.waits('http2', 3000, 600)
    watching.until(660)
    expect(watching.clean.at(-1)).toBe(650)
  })
})
