import type { DrillReport } from '../report.js'
import { header } from './header.js'
import { hostsOf } from './holder-lanes.js'
import { html } from './markup.js'
import { overview } from './overview.js'
import { paletteOf, PATTERNS } from './palette.js'
import { scenarioSection } from './scenario-section.js'
import { STYLE } from './style.js'
import { clockText } from './times.js'

/**
 * Pure: a drill as one HTML file that needs nothing else: its timelines drawn, its figures, and those of `earlier` drills of the
 * same environment beside them.
 */
export function drillPage(report: DrillReport, earlier: readonly DrillReport[]): string {
  const { address } = report
  const palette = paletteOf(report.scenarios.flatMap(gatewaysOf))
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Failover drill of ${report.environment}, ${clockText(report.startedAt)}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        ${PATTERNS}
        <main>
          ${header(report)} ${overview(report, earlier)}
          ${report.scenarios.map((scenario, index) => scenarioSection(scenario, index, { address, palette }))}
        </main>
      </body>
    </html> `.text
}

function gatewaysOf(scenario: DrillReport['scenarios'][number]): string[] {
  const answered = scenario.requests.flatMap((bins) => Object.keys(bins.answered))
  return [...hostsOf(scenario), ...answered]
}
