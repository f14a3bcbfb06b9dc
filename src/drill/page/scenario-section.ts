import { courseOf, totalsOf } from '../course.js'
import { measuredWarnings } from '../exactness.js'
import { splitBrains } from '../holdings.js'
import type { DrillEvent, ScenarioReport } from '../report.js'
import { clientsTable } from './clients-table.js'
import { drawingOf } from './drawing.js'
import { markerSign, MARKER_WORDS, type MARKER_SHAPES } from './holder-lanes.js'
import { html, type Markup, NOTHING } from './markup.js'
import { closeSpan } from './outage-span.js'
import { badge } from './overview.js'
import { swatch, type Palette } from './palette.js'
import { clockText, lengthText, sinceText } from './times.js'

/** A scenario: its timeline, what clients saw of it, and all that happened. */
export function scenarioSection(
  scenario: ScenarioReport,
  index: number,
  { address, palette }: { readonly address: string; readonly palette: Palette },
): Markup {
  const { name, verdict, reasons, startedAt, durationMs, clocks } = scenario
  return html`<section id="s${index}" aria-labelledby="s${index}-title">
    <h2 id="s${index}-title">${name} ${badge(verdict)}</h2>
    <p class="note">${clockText(startedAt)}, took ${lengthText(durationMs)}. ${summaryText(scenario)}</p>
    ${verdict === 'pass' || reasons.length === 0 ? NOTHING : list('reasons', reasons)}
    ${drawings(scenario, palette)} ${clientsTable(scenario.clients)}
    ${list('warnings', measuredWarnings(scenario, address))} ${eventsTable(scenario)}
    ${clocks.length === 0 ? NOTHING : html`<p class="note">Clocks, set right in all times: ${clocks.map(clockWords).join('; ')}.</p>`}
  </section> `
}

/** The scenario in words, for those who do not see its drawing. */
function summaryText(scenario: ScenarioReport): string {
  const { outageMs, clients } = scenario
  const totals = totalsOf(clients)
  const outage = outageMs === null ? 'no outage was measured' : `outage ${lengthText(outageMs)}`
  const requests = totals === null ? '' : `; ${totals.failed} of ${totals.sent} requests failed`
  return `Virtual IP: ${courseOf(scenario)}; ${outage}${requests}.`
}

function list(kind: string, items: readonly string[]): Markup {
  return items.length === 0
    ? NOTHING
    : html`<ul class="${kind}">
        ${items.map((item) => html`<li>${item}</li>`)}
      </ul>`
}

function drawings(scenario: ScenarioReport, palette: Palette): Markup {
  const { durationMs, requests, holders, events } = scenario
  if (durationMs <= 0 || requests.length + holders.length + events.length === 0) return NOTHING
  const whole = { from: 0, to: durationMs }
  const close = closeSpan(scenario)
  const label = `Timeline of ${scenario.name}. ${summaryText(scenario)}`
  return html`${figure('The whole scenario, in seconds since the fault', drawingOf({ scenario, span: whole, palette, label }))}${
    close === null
      ? NOTHING
      : figure(
          'Around the fault',
          drawingOf({ scenario, span: close, palette, label: `${label} The time around the fault, larger.` }),
        )
  }${legend(scenario, palette)}`
}

function figure(caption: string, drawing: Markup): Markup {
  return html`<figure>
    <figcaption>${caption}</figcaption>
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">${drawing}</div>
  </figure> `
}

/** What the colours, patterns and shapes of a drawing stand for. */
function legend(scenario: ScenarioReport, { gateways, classOf }: Palette): Markup {
  const { requests, events } = scenario
  const isSplit = splitBrains(scenario).length > 0
  const hasUnnamed = requests.some(({ answered }) => Object.hasOwn(answered, ''))
  const kinds = (['step', 'address', 'vrrp', 'arp'] as const).filter((kind) =>
    events.some((event) => event.kind === kind),
  )
  const items = [
    ...gateways.map((gateway) => swatch(classOf(gateway), gateway)),
    ...(hasUnnamed ? [swatch('unnamed', 'answered, by whom is not said')] : []),
    ...(requests.length === 0 ? [] : [swatch('failed', 'failed')]),
    swatch('fault', 'the fault lasts'),
    swatch('shade-outage', 'longest time without an answer'),
    ...(isSplit ? [swatch('shade-split', 'two gateways had the virtual IP')] : []),
    ...[...kinds, ...(kinds.length > 1 ? (['several'] as const) : [])].map(markerItem),
  ]
  return html`<ul class="legend">
    ${items}
  </ul> `
}

function markerItem(kind: keyof typeof MARKER_SHAPES): Markup {
  return html`<li>${markerSign(kind)}${MARKER_WORDS[kind]}</li>`
}

function eventsTable({ events, disturbedAt }: ScenarioReport): Markup {
  if (events.length === 0) return NOTHING
  const zero = disturbedAt ?? 0
  const rows = events.toSorted((one, other) => one.at - other.at)
  return html`<details open>
    <summary>All that happened (${events.length})</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="All that happened">
      <table class="events">
        <thead>
          <tr>
            <th scope="col" class="number">Since the fault</th>
            <th scope="col">Where</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map((event) => eventRow(event, zero))}
        </tbody>
      </table>
    </div>
  </details>`
}

function eventRow({ at, host, kind, text }: DrillEvent, zero: number): Markup {
  return html`<tr>
    <td class="number">${sinceText(at - zero)}</td>
    <td>${host ?? 'gw'}</td>
    <td>${markerSign(kind)} ${text}</td>
  </tr> `
}

function clockWords({ host, offsetMs, errorMs }: ScenarioReport['clocks'][number]): string {
  const direction = offsetMs < 0 ? 'behind' : 'ahead'
  return `${host} ${Math.abs(offsetMs).toFixed(1)} ms ${direction}, known to ${errorMs.toFixed(1)} ms`
}
