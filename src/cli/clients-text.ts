import type { Clients } from '../drill/summary.js'
import { KIND_WORDS } from '../drill/words.js'
import { tableText } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'

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
