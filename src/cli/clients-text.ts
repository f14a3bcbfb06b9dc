import type { Clients, Measured } from '../drill/measurement.js'
import { KINDS } from '../drill/sample.js'
import { FAILURE_WORDS, KIND_WORDS } from '../drill/words.js'
import { tableText } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'

/** Lateness of this machine that is worth a word, in milliseconds. */
const LATE_MS = 50

/** What clients saw, a row a kind. */
export function clientsText(clients: readonly Clients[], paint: Terminal['paintOut']): string {
  const rows = clients.map((each) => [
    KIND_WORDS[each.kind],
    String(each.sent),
    String(each.failed),
    String(each.cut),
    silenceText(each),
    each.slowestMs === null ? '' : msText(each.slowestMs),
  ])
  const head = ['CLIENTS', 'SENT', 'FAILED', 'CUT', 'LONGEST WITHOUT AN ANSWER', 'SLOWEST ANSWER']
  return tableText(head, rows, paint)
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
  if (latenessMs < LATE_MS) return missing
  const late = `this machine was up to ${msText(latenessMs)} late itself: no figure is more exact than that`
  return [...missing, late]
}

/** Whole milliseconds: `38 ms`. */
export function msText(ms: number): string {
  return `${Math.round(ms)} ms`
}

function silenceText({ silence }: Clients): string {
  if (silence === null) return ''
  const { ms, unknownMs, isOver } = silence
  const unseen = unknownMs < 1 ? '' : `, ${msText(unknownMs)} of it not seen`
  return `${msText(ms)}${isOver ? '' : ', until the end'}${unseen}`
}
