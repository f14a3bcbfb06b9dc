import type { DrillEvent, ScenarioReport } from '../report.js'
import type { LanePlace } from './kind-lane.js'
import { html, type Markup, NOTHING } from './markup.js'
import { isDrawn, place, type Scale } from './scale.js'
import { lengthText, sinceText } from './times.js'

/** How high a gateway's lane is, with its markers above and its bar below, and that of what gw did; in pixels. */
export const HOLDER_LANE = 44
export const STEP_LANE = 28

const MARKER_ROW = 13
const BAR_TOP = 23
const BAR_HEIGHT = 14

/** Markers that are nearer to each other than this are one, which tells of all. */
const NEAR = 9

/** The hosts that had the virtual IP, were disturbed or told something; by name. */
export function hostsOf({ hosts, holders, events }: ScenarioReport): string[] {
  const told = events.flatMap(({ host }) => (host === null ? [] : [host]))
  return [...new Set([...hosts, ...holders.map(({ host }) => host), ...told])].sort()
}

/** When a host had the virtual IP, and what happened on it. */
export function holderLane(
  scenario: ScenarioReport,
  host: string,
  { top, scale, palette }: LanePlace,
): Markup {
  const held = scenario.holders
    .filter((holding) => holding.host === host)
    .map(({ from, to }) => ({ from, to: to ?? scenario.durationMs }))
    .filter((holding) => isDrawn(scale, holding) && holding.to >= holding.from)
  const bars = held.map(({ from, to }) => {
    const width = Math.max(2, place(scale.x(to) - scale.x(from)))
    return html`<rect
      class="${palette.classOf(host)}"
      x="${scale.x(from)}"
      y="${top + BAR_TOP}"
      width="${width}"
      height="${BAR_HEIGHT}"
      rx="2"
      ><title>${host} had the virtual IP for ${lengthText(to - from)}</title></rect
    >`
  })
  const events = scenario.events.filter((event) => event.host === host)
  return html`<rect
      class="unheld"
      x="${scale.left}"
      y="${top + BAR_TOP}"
      width="${scale.right - scale.left}"
      height="${BAR_HEIGHT}"
      rx="2"
    />${bars}${markers(events, { scale, y: top + MARKER_ROW, zero: scenario.disturbedAt ?? 0 })}`
}

/** What gw did and found that is not of one host. */
export function stepLane(scenario: ScenarioReport, { top, scale }: Omit<LanePlace, 'palette'>): Markup {
  const events = scenario.events.filter(({ host }) => host === null)
  return markers(events, { scale, y: top + STEP_LANE / 2, zero: scenario.disturbedAt ?? 0 })
}

interface MarkerPlace {
  readonly scale: Scale
  readonly y: number
  readonly zero: number
}

function markers(events: readonly DrillEvent[], { scale, y, zero }: MarkerPlace): Markup {
  const groups: { readonly x: number; readonly events: DrillEvent[] }[] = []
  const drawn = events.filter(({ at }) => isDrawn(scale, { from: at, to: at }))
  for (const event of drawn.toSorted((one, other) => one.at - other.at)) {
    const x = scale.x(event.at)
    const last = groups.at(-1)
    if (last !== undefined && x - last.x < NEAR) last.events.push(event)
    else groups.push({ x, events: [event] })
  }
  return html`${groups.map((group) => marker(group.x, y, group.events, zero))}`
}

function marker(x: number, y: number, events: readonly DrillEvent[], zero: number): Markup {
  const [first, ...others] = events
  if (first === undefined) return NOTHING
  const isMixed = others.some(({ kind }) => kind !== first.kind)
  const shape = MARKER_SHAPES[isMixed ? 'several' : first.kind]
  const words = events.map(({ at, text }) => `${sinceText(at - zero)}  ${text}`).join('\n')
  const count =
    others.length === 0
      ? NOTHING
      : html`<text class="count" x="${place(x + 7)}" y="${y + 4}">${events.length}</text>`
  return html`<g class="marker"
    ><path
      class="mark-${isMixed ? 'several' : first.kind}"
      transform="translate(${x} ${y})"
      d="${shape}"
    />${count}<title>${words}</title></g
  >`
}

/** Shapes around their middle: a circle, a square, a triangle, a diamond, a star for several that are too near. */
export const MARKER_SHAPES: Readonly<Record<DrillEvent['kind'] | 'several', string>> = {
  step: 'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z',
  address: 'M-4 -4h8v8h-8z',
  vrrp: 'M0 -5l5.2 9h-10.4z',
  arp: 'M0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z',
  several: 'M0 -6l1.6 4.4h4.4l-3.6 2.8l1.4 4.6l-3.8 -2.8l-3.8 2.8l1.4 -4.6l-3.6 -2.8h4.4z',
}

/** What the shapes stand for. */
export const MARKER_WORDS: Readonly<Record<keyof typeof MARKER_SHAPES, string>> = {
  step: 'what gw did or found',
  address: 'the virtual IP came or went',
  vrrp: "keepalived's state changed",
  arp: 'gratuitous ARP heard',
  several: 'several at once',
}

/** A marker among words. */
export function markerSign(kind: keyof typeof MARKER_SHAPES): Markup {
  return html`<svg
    class="swatch"
    viewBox="-7 -7 14 14"
    width="14"
    height="14"
    role="img"
    aria-label="${MARKER_WORDS[kind]}"
  >
    <path class="mark-${kind}" d="${MARKER_SHAPES[kind]}" />
  </svg>`
}
