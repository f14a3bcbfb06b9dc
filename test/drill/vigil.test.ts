import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Patience } from '../../src/drill/load-prober.js'
import type { Expectation } from '../../src/drill/scenarios/scenario.js'
import { keepVigil } from '../../src/drill/vigil.js'
import { GwError } from '../../src/errors.js'

/** Longer than a test may take: what ends in time has not waited for it. */
const FOR_EVER_MS = 600_000

/** Clients of which a test says whether they are answered. */
class FakeClients {
  readonly #late = new AbortController()
  /** What whoever waited for them to be answered was ready to wait for. */
  readonly asked: Patience[] = []
  /** Whether they are, when it is asked next; null for one that never hears. */
  answers: (boolean | null)[] = []

  get late(): AbortSignal {
    return this.#late.signal
  }

  wait(): void {
    this.#late.abort()
  }

  clean(_ms: number, patience: Patience): Promise<boolean> {
    this.asked.push(patience)
    const answer = this.answers.shift() ?? null
    return answer === null ? new Promise(() => undefined) : Promise.resolve(answer)
  }
}

const SOON = { timeout: 10_000 }

let clients: FakeClients
let stop: AbortController
let lost: AbortController
let troubles: () => Promise<string[]>

beforeEach(() => {
  clients = new FakeClients()
  stop = new AbortController()
  lost = new AbortController()
  troubles = () => Promise.resolve([])
})

/** `looks` are who has the address at each look; the last one stays. */
function vigil(
  expects: Expectation,
  looks: readonly (readonly string[])[],
  holdMs = FOR_EVER_MS,
): Promise<string | null> {
  let next = 0
  return keepVigil({
    ...{ expects, before: 'gw-1', measurement: clients, holdMs, maxOutageMs: 500 },
    holders: () => new Set(looks[Math.min(next++, looks.length - 1)]),
    troubles: () => troubles(),
    ...{ stop: stop.signal, lost: lost.signal },
  })
}

const MOVED = [['gw-1'], [], ['gw-2']]
const STAYED = [['gw-1']]

describe('a fault that goes as expected ends', () => {
  it('when another gateway has the address and clients are answered', async () => {
    clients.answers = [true]
    expect(await vigil('moves', MOVED)).toBeNull()
  })

  it('not before clients are answered', async () => {
    clients.answers = [false, false, true]
    expect(await vigil('moves', MOVED)).toBeNull()
    expect(clients.asked).toHaveLength(3)
  })

  it('when another one has it as well, where the first one could not let it go', async () => {
    clients.answers = [true]
    expect(await vigil('moves', [['gw-1'], ['gw-1', 'gw-2']])).toBeNull()
  })

  it('when two have had it for a while', async () => {
    expect(await vigil('splits', [['gw-1'], ['gw-1', 'gw-2']])).toBeNull()
    expect(clients.asked).toEqual([])
  })

  it('not when two had it for a moment', async () => {
    let looks = 0
    const holders = (): ReadonlySet<string> => {
      looks += 1
      if (looks === 4) clients.wait()
      return new Set(looks === 1 ? ['gw-1', 'gw-2'] : ['gw-2'])
    }
    const ended = keepVigil({
      ...{ expects: 'splits', before: 'gw-1', measurement: clients, holders, troubles },
      ...{ holdMs: FOR_EVER_MS, maxOutageMs: 500, stop: stop.signal, lost: lost.signal },
    })
    expect(await ended).toBe('clients had no answer for more than 500 ms')
  })

  it.each([
    ['moves', STAYED],
    ['splits', STAYED],
    ['stays', STAYED],
    ['stays', MOVED],
  ] as const)('when its time is over, and not before: %s, %j', async (expects, looks) => {
    const begin = performance.now()
    expect(await vigil(expects, looks, 200)).toBeNull()
    // A timer of Node may fire within the millisecond before.
    expect(performance.now() - begin).toBeGreaterThanOrEqual(199)
  })
})

describe('a fault ends at once', () => {
  it('when clients have no answer for too long', async () => {
    const ended = vigil('moves', MOVED)
    clients.wait()
    expect(await ended).toBe('clients had no answer for more than 500 ms')
  })

  it('when they had none before anybody looked', async () => {
    clients.wait()
    expect(await vigil('stays', STAYED)).toBe('clients had no answer for more than 500 ms')
  })

  it('when somebody interrupts it, whatever else is the matter', async () => {
    const ended = vigil('stays', STAYED)
    stop.abort()
    clients.wait()
    expect(await ended).toBe('it was interrupted')
  })

  it('when the lock is lost, with why', async () => {
    const ended = vigil('stays', STAYED)
    lost.abort(new GwError('LOCK_LOST', 'run 3fa9c210 has taken it over', { host: 'gw-1' }))
    expect(await ended).toBe('run 3fa9c210 has taken it over')
  })

  it('when something else is not well', async () => {
    const found = [[], ['gw-2: NGINX does not run', 'gw-3 cannot be asked any more']]
    troubles = () => Promise.resolve(found.shift() ?? [])
    expect(await vigil('moves', STAYED)).toBe(
      'something else was not well: gw-2: NGINX does not run; gw-3 cannot be asked any more',
    )
  })

  it('when it cannot be told whether all else is well', async () => {
    troubles = () => Promise.reject(new Error('no sense'))
    await expect(vigil('stays', STAYED)).rejects.toThrow('no sense')
  })

  it('though somebody still waits for clients to be answered, who waits no longer', async () => {
    const ended = vigil('moves', [['gw-2']])
    await vi.waitFor(() => {
      expect(clients.asked).toHaveLength(1)
    }, SOON)
    const [patience] = clients.asked
    expect(patience?.signal?.aborted).toBe(false)
    clients.wait()
    await ended
    expect(patience?.signal?.aborted).toBe(true)
  })

  it('though a gateway that is asked how it is does not answer', async () => {
    const asked = new Promise<void>((resolve) => {
      troubles = () => {
        resolve()
        return new Promise(() => undefined)
      }
    })
    const ended = vigil('stays', STAYED)
    await asked
    stop.abort()
    expect(await ended).toBe('it was interrupted')
  })
})
