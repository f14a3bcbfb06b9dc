import { courseOf, outagesBefore, totalsOf } from '../course.js'
import type { DrillReport, DrillVerdict, ScenarioReport } from '../report.js'
import { html, type Markup, NOTHING } from './markup.js'
import { sparkline } from './sparkline.js'
import { lengthText } from './times.js'

const SYMBOLS: Readonly<Record<DrillVerdict, string>> = {
  pass: '\u2713',
  deviated: '\u2717',
  aborted: '\u25a0',
  inconclusive: '?',
}

/** A verdict in its colour, with a sign for those who do not see it. */
export function badge(verdict: DrillVerdict): Markup {
  return html`<span class="badge ${verdict}"
    ><span aria-hidden="true">${SYMBOLS[verdict]}</span> ${verdict}</span
  >`
}

/** All scenarios of a drill, each with its outages in drills before. */
export function overview(report: DrillReport, earlier: readonly DrillReport[]): Markup {
  if (report.scenarios.length === 0) return html`<p>No scenario was begun.</p>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Scenarios">
      <table>
        <thead>
          <tr>
            <th scope="col">Scenario</th>
            <th scope="col">Verdict</th>
            <th scope="col" class="number">Outage</th>
            <th scope="col">Before</th>
            <th scope="col" class="number">Sent</th>
            <th scope="col" class="number">Failed</th>
            <th scope="col" class="number">Cut</th>
            <th scope="col">Virtual IP</th>
            <th scope="col">Undone by</th>
          </tr>
        </thead>
        <tbody>
          ${report.scenarios.map((scenario, index) => row(scenario, index, report, earlier))}
        </tbody>
      </table>
    </div>
    ${report.skipped.length === 0 ? NOTHING : html`<p class="note">Not begun: ${report.skipped.join(', ')}</p>`}`
}

function row(
  scenario: ScenarioReport,
  index: number,
  report: DrillReport,
  earlier: readonly DrillReport[],
): Markup {
  const { name, verdict, outageMs, clients, undoneBy } = scenario
  const totals = totalsOf(clients)
  const before = outagesBefore(report, earlier, name).map((past) => past.outageMs)
  const isOver = outageMs !== null && outageMs > report.settings.maxOutageMs
  return html`<tr>
    <th scope="row"><a href="#s${index}">${name}</a></th>
    <td>${badge(verdict)}</td>
    <td class="number${isOver ? ' over' : ''}">
      ${outageMs === null ? 'not measured' : lengthText(outageMs)}
    </td>
    <td>${comparison(before, outageMs)}</td>
    ${(['sent', 'failed', 'cut'] as const).map(
      (figure) => html`<td class="number">${totals === null ? '' : totals[figure]}</td>`,
    )}
    <td>${courseOf(scenario)}</td>
    <td>${undoneBy ?? ''}</td>
  </tr> `
}

function comparison(before: readonly number[], now: number | null): Markup {
  const last = before.at(-1)
  if (last === undefined) return html`<span class="note">first time</span>`
  const more = now === null ? 0 : Math.round(now) - Math.round(last)
  const difference = now === null ? '' : more === 0 ? ', the same' : `, ${more > 0 ? '+' : ''}${more} ms`
  return html`<span class="before"
    >${sparkline(before, now)}<span class="note">${lengthText(last)}${difference}</span></span
  >`
}
