import type { DrillReport } from '../report.js'
import { html, type Markup } from './markup.js'
import { badge } from './overview.js'
import { chosenText, clockText, lengthText } from './times.js'

/** Whose drill it was, when, and what was typed. */
export function header(report: DrillReport): Markup {
  const { environment, address, run, by, gw, command, startedAt, durationMs, settings, verdict } = report
  const { maxOutageMs, rate, from, holdMs, undoAfterMs, failback } = settings
  const facts: readonly (readonly [string, string])[] = [
    ['Begun', `${clockText(startedAt)}, took ${lengthText(durationMs)}`],
    ['By', `${by}, with gw ${gw}`],
    ['Virtual IP', address],
    ['Run', run],
    ['Clients', `${rate} new TCP and TLS connections a second each, from ${from ?? "gw's own machine"}`],
    ['Outage allowed', chosenText(maxOutageMs)],
    ['Faults last', `${chosenText(holdMs)}; a host undoes its own after ${chosenText(undoAfterMs)}`],
    ['Failback', failback ? 'after each scenario' : 'none: the virtual IP stays where it went'],
  ]
  return html`<header>
    <h1>Failover drill of ${environment} ${badge(verdict)}</h1>
    <pre class="command"><code>${command}</code></pre>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </header> `
}
