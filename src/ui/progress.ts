import type { EngineEvent } from '../engine/events.js'
import { liveProgress } from './live-progress.js'
import { plainProgress } from './plain-progress.js'
import type { Terminal } from './terminal.js'

/** A view of a run, drawn from the engine's events on stderr. */
export interface Progress {
  handle(event: EngineEvent): void
  /** Resolves when the terminal is free again: to ask a question, or to print a result. */
  settle(): Promise<void>
}

/** The view that fits: none beside `--json`, a live one for a person, plain lines otherwise. */
export function progressFor(terminal: Terminal, options: { readonly json: boolean }): Progress {
  if (options.json) return { handle: () => undefined, settle: () => Promise.resolve() }
  return terminal.interactive ? liveProgress(terminal) : plainProgress(terminal)
}
