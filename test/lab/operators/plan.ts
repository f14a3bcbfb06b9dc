import type { Change } from './job.js'

/** What befalls an operator: it is killed, or stopped for a while, so long after it started or got the lock. */
export interface Fault {
  readonly after: 'start' | 'acquired'
  readonly delayMs: number
  /** How long it is stopped; null for a kill. */
  readonly pauseMs: number | null
}

export interface OperatorPlan {
  readonly startMs: number
  readonly changes: readonly Change[]
  readonly fault: Fault | null
}

const OPERATORS = 5

/** The longest change, in milliseconds; it may outlast a lease. */
export const LONGEST_CHANGE_MS = 1500

/** What five operators do and what befalls them; the same for the same seed. */
export function planOf(seed: number): OperatorPlan[] {
  const random = generator(seed)
  const upTo = (most: number): number => Math.floor(random() * most)
  const change = (isLong: boolean): Change => ({
    ms: isLong ? 300 + upTo(LONGEST_CHANGE_MS - 300) : upTo(120),
    orphan: random() < 0.15,
  })
  const fault = (): Fault => ({
    after: random() < 0.85 ? 'acquired' : 'start',
    delayMs: upTo(250),
    pauseMs: random() < 0.5 ? null : 1000 + upTo(2500),
  })
  return Array.from({ length: OPERATORS }, () => {
    const startMs = upTo(1000)
    if (random() >= 0.25) return { startMs, changes: times(1 + upTo(2), () => change(false)), fault: null }
    // What it leaves at work when it dies, and what it goes on with when it wakes up too late.
    return { startMs, changes: times(3, () => change(random() < 0.4)), fault: fault() }
  })
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}

/** Numbers from 0 to 1, by Marsaglia's xorshift. */
function generator(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
