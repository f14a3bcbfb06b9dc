import type { Clients } from '../summary.js'
import { FAILURES } from '../sample.js'
import { FAILURE_WORDS, KIND_WORDS } from '../words.js'
import { html, type Markup, NOTHING } from './markup.js'
import { lengthText } from './times.js'

/** What clients saw, a row a kind. */
export function clientsTable(clients: readonly Clients[]): Markup {
  if (clients.length === 0) return NOTHING
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What clients saw">
    <table>
      <thead>
        <tr>
          <th scope="col">Clients</th>
          <th scope="col" class="number">Sent</th>
          <th scope="col" class="number">Failed</th>
          <th scope="col" class="number">Cut</th>
          <th scope="col" class="number">Longest without an answer</th>
          <th scope="col" class="number">p50</th>
          <th scope="col" class="number">p99</th>
          <th scope="col" class="number">Slowest</th>
          <th scope="col">Answered by</th>
        </tr>
      </thead>
      <tbody>
        ${clients.map(row)}
      </tbody>
    </table>
  </div>`
}

function row(clients: Clients): Markup {
  const { kind, sent, failed, cut, p50Ms, p99Ms, slowestMs, nodes } = clients
  return html`<tr>
    <th scope="row">${KIND_WORDS[kind]}</th>
    <td class="number">${sent}</td>
    <td class="number">${failed}${failures(clients)}</td>
    <td class="number">${cut}</td>
    <td class="number">${silence(clients)}</td>
    ${[p50Ms, p99Ms, slowestMs].map((ms) => html`<td class="number">${latency(ms)}</td>`)}
    <td>${nodes.join(', ')}</td>
  </tr> `
}

/** Why requests failed, below their number. */
function failures({ failures: counts }: Clients): Markup {
  const named = FAILURES.flatMap((failure) => {
    const count = counts[failure] ?? 0
    return count === 0 ? [] : [html`<li title="${FAILURE_WORDS[failure]}">${failure} ${count}</li>`]
  })
  return named.length === 0
    ? NOTHING
    : html`<ul class="causes">
        ${named}
      </ul>`
}

function silence({ silence: found }: Clients): Markup {
  if (found === null) return NOTHING
  const { ms, unknownMs, isOver } = found
  const notes = [
    ...(isOver ? [] : ['until the end']),
    ...(unknownMs < 1 ? [] : [`${lengthText(unknownMs)} of it not seen`]),
  ]
  return html`${lengthText(ms)}${notes.map((note) => html`<br /><span class="note">${note}</span>`)}`
}

/** An answer takes few milliseconds: those below ten have a digit more. */
function latency(ms: number | null): string {
  if (ms === null) return ''
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : lengthText(ms)
}
