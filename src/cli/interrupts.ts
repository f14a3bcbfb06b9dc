/** The two steps of Ctrl-C: `stop` at the next safe point, then `abandon` at once. */
export interface Interrupts {
  readonly stop: AbortSignal
  readonly abandon: AbortSignal
  dispose(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Listens for signals for as long as a command runs. */
export function listenForInterrupts(process: NodeJS.Process): Interrupts {
  const stop = new AbortController()
  const abandon = new AbortController()
  const onSignal = (): void => {
    if (stop.signal.aborted) abandon.abort()
    else stop.abort()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return {
    stop: stop.signal,
    abandon: abandon.signal,
    dispose: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal)
    },
  }
}
