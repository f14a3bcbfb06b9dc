import { setTimeout as pause } from 'node:timers/promises'
import { GwError } from '../errors.js'
import type { Measurement } from './measurement.js'
import type { Expectation } from './scenarios/scenario.js'

/** What is looked at while a fault lasts. */
interface VigilOptions {
  readonly expects: Expectation
  /** Who had the virtual IP before. */
  readonly before: string
  /** Who has it now, as far as is known. */
  readonly holders: () => ReadonlySet<string>
  readonly measurement: Pick<Measurement, 'late' | 'clean'>
  /** What is wrong where nothing was disturbed; nothing while all is well. */
  readonly troubles: () => Promise<readonly string[]>
  /** For how long the fault lasts when nothing ends it before, in milliseconds. */
  readonly holdMs: number
  readonly maxOutageMs: number
  readonly stop: AbortSignal
  /** Fires when the drill may change its hosts no longer, with why. */
  readonly lost: AbortSignal
}

const LOOK_EVERY_MS = 50

const TROUBLES_EVERY_MS = 1000

/** For how long all must be well after what was expected has happened. */
const SETTLED_MS = 1000

/**
 * Waits while a fault lasts: until what was expected has happened, or its time is over. Answers why it must end at once; null
 * when it need not.
 */
export async function keepVigil(options: VigilOptions): Promise<string | null> {
  const over = new AbortController()
  // No signal that is made of others: nobody holds those, and one that is collected never fires.
  const timer = setTimeout(() => {
    over.abort()
  }, options.holdMs)
  const end = over.signal
  try {
    return await Promise.race([
      alarm(options, end),
      trouble(options, end),
      expected(options, end).then(() => null),
    ])
  } finally {
    clearTimeout(timer)
    over.abort()
  }
}

/** Fulfils when the fault must end at once; not before `end` otherwise. */
async function alarm({ measurement, stop, lost, maxOutageMs }: VigilOptions, end: AbortSignal) {
  await fired([measurement.late, stop, lost, end])
  if (stop.aborted) return 'it was interrupted'
  if (lost.aborted) return lost.reason instanceof GwError ? lost.reason.message : 'the lock was lost'
  return measurement.late.aborted ? `clients had no answer for more than ${maxOutageMs} ms` : null
}

async function trouble({ troubles }: VigilOptions, end: AbortSignal): Promise<string | null> {
  do {
    const [first, ...others] = await troubles()
    if (first !== undefined) return `something else was not well: ${[first, ...others].join('; ')}`
  } while (await hasPassed(TROUBLES_EVERY_MS, end))
  return null
}

async function expected(options: VigilOptions, end: AbortSignal): Promise<void> {
  do {
    if (hasHappened(options) && (await hasSettled(options, end))) return
  } while (await hasPassed(LOOK_EVERY_MS, end))
}

function hasHappened({ expects, before, holders }: VigilOptions): boolean {
  switch (expects) {
    case 'moves':
      return [...holders()].some((host) => host !== before)
    case 'splits':
      return holders().size > 1
    case 'stays':
      return false
  }
}

/** What was clean before the fault says nothing: requests that hang have not failed yet. */
async function hasSettled(options: VigilOptions, end: AbortSignal): Promise<boolean> {
  if (!(await hasPassed(SETTLED_MS, end))) return false
  if (options.expects !== 'moves') return hasHappened(options)
  return options.measurement.clean(SETTLED_MS, { withinMs: SETTLED_MS, signal: end })
}

/** Fulfils when one of them fires. */
async function fired(signals: readonly AbortSignal[]): Promise<void> {
  const over = new AbortController()
  try {
    await new Promise<void>((resolve) => {
      for (const signal of signals) {
        if (signal.aborted) resolve()
        signal.addEventListener(
          'abort',
          () => {
            resolve()
          },
          { once: true, signal: over.signal },
        )
      }
    })
  } finally {
    over.abort()
  }
}

/** Waits; false when the signal came first. */
async function hasPassed(ms: number, signal: AbortSignal): Promise<boolean> {
  await pause(ms, undefined, { signal }).catch(() => undefined)
  return !signal.aborted
}
