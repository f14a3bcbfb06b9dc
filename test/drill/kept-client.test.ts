import { describe, expect, it } from 'vitest'
import { KeptClient, NotTaken, type KeptConnection } from '../../src/drill/kept-client.js'
import type { Unserved } from '../../src/drill/unserved.js'

const NEVER = new AbortController().signal

/** A connection that answers with its own name when it is told to. */
class HandConnection implements KeptConnection {
  isOpen = true
  readonly asked: { readonly answer: () => void; readonly fail: (error: Error) => void }[] = []
  readonly ended: Promise<boolean>
  readonly end: (isAnnounced: boolean) => void

  constructor(readonly name: string) {
    const { promise, resolve } = gate<boolean>()
    this.ended = promise
    this.end = (isAnnounced) => {
      this.isOpen = false
      resolve(isAnnounced)
    }
  }

  ask(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.asked.push({
        answer: () => {
          resolve(this.name)
        },
        fail: reject,
      })
    })
  }

  drop(reason: Unserved): void {
    for (const { fail } of this.asked) fail(reason)
    this.end(false)
  }
}

function gate<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((open) => {
    resolve = open
  })
  return { promise, resolve }
}

/** A client whose connections are made when the test says so. */
function clientOfGates() {
  const dials: ((connection: KeptConnection) => void)[] = []
  const seen = { cuts: 0 }
  const client = new KeptClient(
    () => {
      const { promise, resolve } = gate<KeptConnection>()
      dials.push(resolve)
      return promise
    },
    () => (seen.cuts += 1),
  )
  return { client, dials, seen }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a client that keeps its connection', () => {
  it('keeps the first that is made, whichever was begun first, and ends others after their answer', async () => {
    const { client, dials, seen } = clientOfGates()
    const [lost, found] = [client.ask(NEVER), client.ask(NEVER)]
    const [late, first] = [new HandConnection('late'), new HandConnection('first')]
    dials[1]?.(first)
    await settled()
    first.asked[0]?.answer()
    expect(await found).toBe('first')
    const third = client.ask(NEVER)
    await settled()
    first.asked[1]?.answer()
    expect(await third).toBe('first')
    dials[0]?.(late)
    await settled()
    expect(late.isOpen).toBe(true)
    late.asked[0]?.answer()
    expect(await lost).toBe('late')
    await settled()
    expect([first.isOpen, late.isOpen, seen.cuts, dials.length]).toEqual([true, false, 0, 2])
  })

  it('makes another one after an end, and counts what was not announced', async () => {
    const { client, dials, seen } = clientOfGates()
    for (const [index, isAnnounced] of [true, false].entries()) {
      const answer = client.ask(NEVER)
      const connection = new HandConnection(`number ${index}`)
      dials[index]?.(connection)
      await settled()
      connection.asked[0]?.answer()
      expect(await answer).toBe(`number ${index}`)
      connection.end(isAnnounced)
      await settled()
      expect(seen.cuts).toBe(index)
    }
  })

  it('asks again elsewhere what the gateway has not begun to answer', async () => {
    const { client, dials } = clientOfGates()
    const answer = client.ask(NEVER)
    const [closing, next] = [new HandConnection('closing'), new HandConnection('next')]
    dials[0]?.(closing)
    await settled()
    closing.isOpen = false
    closing.asked[0]?.fail(new NotTaken())
    await settled()
    dials[1]?.(next)
    await settled()
    next.asked[0]?.answer()
    expect(await answer).toBe('next')
  })

  it('gives a connection up, with all that is asked over it, when one answer is late', async () => {
    const { client, dials, seen } = clientOfGates()
    const first = client.ask(NEVER)
    const connection = new HandConnection('hanging')
    dials[0]?.(connection)
    await settled()
    connection.asked[0]?.answer()
    await first
    const late = new AbortController()
    const both = Promise.allSettled([client.ask(late.signal), client.ask(NEVER)])
    late.abort()
    expect(await both).toMatchObject([
      { status: 'rejected', reason: { failure: 'timeout' } },
      { status: 'rejected', reason: { failure: 'timeout' } },
    ])
    expect([connection.isOpen, seen.cuts]).toEqual([false, 1])
  })

  it('keeps nothing once it is closed, and counts no end any more', async () => {
    const { client, dials, seen } = clientOfGates()
    const asked = [client.ask(NEVER), client.ask(NEVER)]
    const [kept, late] = [new HandConnection('kept'), new HandConnection('late')]
    dials[0]?.(kept)
    await settled()
    kept.asked[0]?.answer()
    client.close()
    dials[1]?.(late)
    await settled()
    late.asked[0]?.answer()
    expect(await Promise.all(asked)).toEqual(['kept', 'late'])
    await settled()
    expect([kept.isOpen, late.isOpen, seen.cuts]).toEqual([false, false, 0])
  })
})
