import { abortReason, whenAborted } from './abort.js'

const CLOSE_MS = 1000

/** Bounds of a piece of work. `late` and `interrupted` make the errors that end it. */
interface Bounds {
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
      reject(abortReason(signal))
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

/** Waits for the end of a connection that is being closed, a second at most; then it must be ended by force. */
export async function closed(end: Promise<void>): Promise<void> {
  const over = new AbortController()
  await Promise.race([end, pause(CLOSE_MS, over.signal)])
  over.abort()
}
