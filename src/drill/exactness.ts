import type { Measured } from './measurement.js'
import { KINDS } from './sample.js'
import { FAILURE_WORDS, KIND_WORDS } from './words.js'

/** Lateness of this machine that is worth a word, in milliseconds. */
const LATE_MS = 50

/** Whether this machine was so late itself that a figure of this time is not exact. */
export function isLate({ latenessMs }: Pick<Measured, 'latenessMs'>): boolean {
  return latenessMs >= LATE_MS
}

/** What figures are missing, and how exact the others are. */
export function measuredWarnings({ clients, unmeasured, latenessMs }: Measured, address: string): string[] {
  const causes = [...new Set(KINDS.flatMap((kind) => unmeasured[kind] ?? []))]
  if (clients.length === 0) {
    const why = causes.length === 0 ? '' : ` (${causes.map((cause) => FAILURE_WORDS[cause]).join('; ')})`
    return [`the outage was not measured: this machine did not reach ${address} before it${why}`]
  }
  const missing = causes.map((cause) => {
    const kinds = KINDS.filter((kind) => unmeasured[kind] === cause)
    return `not measured: ${kinds.map((kind) => KIND_WORDS[kind]).join(', ')} (${FAILURE_WORDS[cause]})`
  })
  if (!isLate({ latenessMs })) return missing
  const late = `this machine was up to ${Math.round(latenessMs)} ms late itself: no figure is more exact than that`
  return [...missing, late]
}
