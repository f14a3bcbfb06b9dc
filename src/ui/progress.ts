import type { EngineEvent } from '../engine/events.js'

/** A view of a run, drawn from the engine's events on stderr. */
export interface Progress {
  handle(event: EngineEvent): void
  /** Resolves when the terminal is free again: to ask a question, or to print a result. */
  settle(): Promise<void>
}
