import { splitBrains } from '../holdings.js'
import type { ScenarioReport } from '../report.js'
import type { Span } from '../sample.js'
import { KIND_TITLES } from '../words.js'
import { isDrawn, place, scaleOf, ticksOf, type Scale } from './scale.js'
import { html, type Markup, NOTHING } from './markup.js'
import { outageSpan } from './outage-span.js'
import { HOLDER_LANE, STEP_LANE, holderLane, hostsOf, stepLane } from './holder-lanes.js'
import { kindLane, KIND_LANE } from './kind-lane.js'
import type { Palette } from './palette.js'
import { lengthText, sinceText, tickText } from './times.js'

/** All drawings are as wide; lanes begin behind their titles. */
const WIDTH = 1000
const LEFT = 132
const RIGHT = WIDTH - 14

/** Each line and bracket is called by its name in a row of its own, so that no name covers another. */
const LABEL_ROW = 16
const BRACKET = 6
const AXIS = 26

/** How wide a letter of a label is, roughly. */
const LETTER = 6.6

export interface Drawing {
  readonly scenario: ScenarioReport
  readonly span: Span
  readonly palette: Palette
  /** What it shows, for those who do not see it. */
  readonly label: string
}

interface Lane {
  readonly title: string
  readonly height: number
  readonly draw: (top: number, scale: Scale) => Markup
}

/** A time, or a moment, that matters to all lanes. */
interface Mark extends Span {
  readonly kind: 'fault' | 'undo' | 'outage' | 'split'
  readonly words: string
}

/** A scenario, or a part of it, over time: who was answered by whom, who had the virtual IP, what happened. */
export function drawingOf({ scenario, span, palette, label }: Drawing): Markup {
  const scale = scaleOf(span, LEFT, RIGHT)
  const lanes = lanesOf(scenario, palette)
  const marks = marksOf(scenario).filter((mark) => isDrawn(scale, mark))
  const top = marks.length * LABEL_ROW + BRACKET
  const bottom = lanes.reduce((sum, { height }) => sum + height, top)
  const topOf = (index: number): number =>
    lanes.slice(0, index).reduce((sum, { height }) => sum + height, top)
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${bottom + AXIS}" role="img" aria-label="${label}">
    ${faultShade(scenario, scale, { top, bottom })}
    ${marks.map((mark) => shadeOf(mark, scale, { top, bottom }))}
    ${lanes.map((lane, index) => laneMarkup(lane, topOf(index), scale))} ${axis(scenario, scale, bottom)}
    ${marks.map((mark, row) => markOf(mark, row, scale, { top, bottom }))}
  </svg>`
}

function lanesOf(scenario: ScenarioReport, palette: Palette): Lane[] {
  return [
    ...scenario.requests.map((bins) => ({
      title: KIND_TITLES[bins.kind],
      height: KIND_LANE,
      draw: (top: number, scale: Scale) => kindLane(bins, { top, scale, palette }),
    })),
    ...hostsOf(scenario).map((host) => ({
      title: host,
      height: HOLDER_LANE,
      draw: (top: number, scale: Scale) => holderLane(scenario, host, { top, scale, palette }),
    })),
    { title: 'gw', height: STEP_LANE, draw: (top, scale) => stepLane(scenario, { top, scale }) },
  ]
}

/** Names of hosts may be long: what does not fit is told when one points at it. */
const LONGEST_TITLE = 18

function laneMarkup({ title, height, draw }: Lane, top: number, scale: Scale): Markup {
  const shown = title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE - 1)}\u2026` : title
  return html`<g
    ><line class="rule" x1="0" x2="${WIDTH}" y1="${top}" y2="${top}" />
    <text class="lane" x="4" y="${top + height / 2 + 4}">${shown}<title>${title}</title></text>
    ${draw(top, scale)}</g
  > `
}

function marksOf(scenario: ScenarioReport): Mark[] {
  const { disturbedAt, undoneAt, undoneBy } = scenario
  const zero = disturbedAt ?? 0
  const outage = outageSpan(scenario)
  const by = undoneBy === null ? '' : ` by ${undoneBy}`
  const marks: (Mark | null)[] = [
    disturbedAt === null ? null : { kind: 'fault', from: disturbedAt, to: disturbedAt, words: 'fault' },
    undoneAt === null
      ? null
      : { kind: 'undo', from: undoneAt, to: undoneAt, words: `undone${by}, ${sinceText(undoneAt - zero)}` },
    ...splitBrains(scenario).map((split): Mark => ({
      ...{ kind: 'split', ...split },
      words: `two gateways had the virtual IP for ${lengthText(split.to - split.from)}`,
    })),
    outage === null || outage.to < outage.from
      ? null
      : {
          ...{ kind: 'outage', from: outage.from, to: outage.to },
          words: `${lengthText(outage.to - outage.from)} without an answer`,
        },
  ]
  return marks.filter((mark) => mark !== null)
}

interface Extent {
  readonly top: number
  readonly bottom: number
}

function faultShade(scenario: ScenarioReport, scale: Scale, { top, bottom }: Extent): Markup {
  const { disturbedAt, undoneAt, durationMs } = scenario
  if (disturbedAt === null) return NOTHING
  const fault = { from: disturbedAt, to: undoneAt ?? durationMs }
  if (fault.to < fault.from || !isDrawn(scale, fault)) return NOTHING
  return html`<rect
    class="fault"
    x="${scale.x(fault.from)}"
    y="${top}"
    width="${place(scale.x(fault.to) - scale.x(fault.from))}"
    height="${bottom - top}"
    ><title>the fault lasts ${lengthText(fault.to - fault.from)}</title></rect
  >`
}

/** A time is shaded behind what it is about. */
function shadeOf({ kind, from, to, words }: Mark, scale: Scale, { top, bottom }: Extent): Markup {
  if (from === to) return NOTHING
  return html`<rect
    class="shade-${kind}"
    x="${scale.x(from)}"
    y="${top}"
    width="${widthOf(from, to, scale)}"
    height="${bottom - top}"
    ><title>${words}</title></rect
  > `
}

/** A moment is a line through all lanes, a time a bracket above them that shows the shortest one as well. */
function markOf({ kind, from, to, words }: Mark, row: number, scale: Scale, extent: Extent): Markup {
  const x = scale.x(from)
  const sign =
    from === to
      ? html`<line
          class="line-${kind}"
          x1="${x}"
          x2="${x}"
          y1="${row * LABEL_ROW + 3}"
          y2="${extent.bottom}"
        />`
      : html`<rect
          class="bracket-${kind}"
          x="${x}"
          y="${extent.top - 4}"
          width="${widthOf(from, to, scale)}"
          height="4"
        />`
  return html`${sign}${labelOf(kind, x, row, words)} `
}

function widthOf(from: number, to: number, scale: Scale): number {
  return Math.max(2, place(scale.x(to) - scale.x(from)))
}

/** Words that begin at a place, or end there when they would not fit. */
function labelOf(kind: Mark['kind'], x: number, row: number, words: string): Markup {
  const isWide = x + 5 + words.length * LETTER > RIGHT
  return html`<text
    class="label label-${kind}"
    x="${place(isWide ? x - 5 : x + 5)}"
    y="${row * LABEL_ROW + 13}"
    text-anchor="${isWide ? 'end' : 'start'}"
    >${words}</text
  >`
}

/** How near to its end the axis has no room for what is written below its middle. */
const EDGE = 22

function axis({ disturbedAt }: ScenarioReport, scale: Scale, bottom: number): Markup {
  const zero = disturbedAt ?? 0
  const { span } = scale
  return html`<line class="axis" x1="${scale.left}" x2="${scale.right}" y1="${bottom}" y2="${bottom}" />
    ${ticksOf(span, zero, 9).map((at) => {
      const x = scale.x(at)
      const anchor = x > RIGHT - EDGE ? 'end' : 'middle'
      return html`<line class="axis" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 4}" /><text
          class="tick"
          x="${anchor === 'end' ? RIGHT : x}"
          y="${bottom + 17}"
          text-anchor="${anchor}"
          >${tickText(at - zero, span.to - span.from)}</text
        >`
    })}`
}
