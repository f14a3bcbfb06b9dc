import { setMaxListeners } from 'node:events'

/** The reason with which the signal fired, as an error. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted')
}

/** Calls `listener` once when the signal fires. Take it back with `removeEventListener`. */
export function whenAborted(signal: AbortSignal, listener: () => void): void {
  // Fifty hosts that wait for one signal are no leak, and Node would print a warning into the user's terminal.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', listener, { once: true })
}
