import { whenAborted } from './abort.js'

/** Bounds of a piece of work. `late` and `interrupted` make the errors that end it. */
export interface Bounds {
  readonly ms: number
  readonly signal: AbortSignal | undefined
  readonly late: () => Error
  readonly interrupted: () => Error
}

/**
 * Does `work`, but rejects as soon as its time is over or the outer signal fires, whether `work` reacts or not.
 * `work` gets a signal that fires then, and must free what it holds or is about to get.
 */
export async function within<T>(bounds: Bounds, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const stopped = rejection(stop.signal)
  const onAbort = () => {
    stop.abort(bounds.interrupted())
  }
  const timer = setTimeout(() => {
    stop.abort(bounds.late())
  }, bounds.ms)
  if (bounds.signal !== undefined) whenAborted(bounds.signal, onAbort)
  if (bounds.signal?.aborted === true) onAbort()
  try {
    stop.signal.throwIfAborted()
    return await Promise.race([work(stop.signal), stopped])
  } finally {
    clearTimeout(timer)
    bounds.signal?.removeEventListener('abort', onAbort)
  }
}

/** A promise that never fulfils and rejects with the signal's reason. It may be left alone. */
export function rejection(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_resolve, reject) => {
    const onAbort = () => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    if (signal.aborted) onAbort()
    else whenAborted(signal, onAbort)
  })
  promise.catch(() => undefined)
  return promise
}

/** Waits; rejects with the signal's reason when it fires first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  try {
    await Promise.race([over, rejection(signal)])
  } finally {
    clearTimeout(timer)
  }
}
