import type { RequestBins } from '../request-bins.js'
import { KIND_WORDS } from '../words.js'
import { barsOf, type Bar } from './bars.js'
import { html, type Markup } from './markup.js'
import type { Palette } from './palette.js'
import { place, type Scale } from './scale.js'

/** How high a lane of clients is, in pixels. */
export const KIND_LANE = 44

const PADDING = 5

/** Where a lane is drawn, and by what scale and colours. */
export interface LanePlace {
  readonly top: number
  readonly scale: Scale
  readonly palette: Palette
}

/** Requests of a kind as bars: failed ones below, answered ones above them in the colour of the gateway that answered. */
export function kindLane(bins: RequestBins, { top, scale, palette }: LanePlace): Markup {
  const bars = barsOf(bins, scale.span)
  const highest = Math.max(0.1, ...bars.map(({ total, bins: own }) => total / own))
  const room = KIND_LANE - 2 * PADDING
  const base = top + KIND_LANE - PADDING
  const boxOf = (bar: Bar, below: number, count: number): Box => ({
    x: scale.x(bar.from),
    width: place(scale.x(bar.to) - scale.x(bar.from)),
    y: place(base - ((below + count) / bar.bins / highest) * room),
    height: place((count / bar.bins / highest) * room),
  })
  const failures = bars.filter(({ failed }) => failed > 0)
  return html`${Object.keys(bins.answered).map((gateway, index) => answers(gateway, index, { bars, boxOf, palette }))}${failures.map(
    (bar) => {
      const { x, width, y, height } = boxOf(bar, 0, bar.failed)
      return html`<rect class="failed" x="${x}" y="${y}" width="${Math.max(2, width)}" height="${height}"
        ><title>${bar.failed} of ${bar.total} ${KIND_WORDS[bins.kind]} failed</title></rect
      >`
    },
  )} `
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

interface Answers {
  readonly bars: readonly Bar[]
  readonly boxOf: (bar: Bar, below: number, count: number) => Box
  readonly palette: Palette
}

/** All answers of a gateway as one shape: thousands of small ones would make the file large. */
function answers(gateway: string, index: number, { bars, boxOf, palette }: Answers): Markup {
  const boxes = bars.flatMap((bar) => {
    const own = bar.answered[index]?.count ?? 0
    const below = bar.answered.slice(0, index).reduce((sum, { count }) => sum + count, bar.failed)
    return own === 0 ? [] : [boxOf(bar, below, own)]
  })
  const path = boxesPath(boxes)
  const words = gateway === '' ? 'answered' : `answered by ${gateway}`
  return html`<path class="${palette.classOf(gateway)}" d="${path}"><title>${words}</title></path>`
}

/** Neighbours of the same height are drawn as one. */
function boxesPath(boxes: readonly Box[]): string {
  const joined: Box[] = []
  for (const box of boxes) {
    const last = joined.at(-1)
    const isNext =
      last !== undefined &&
      last.y === box.y &&
      last.height === box.height &&
      Math.abs(last.x + last.width - box.x) < 0.2
    if (isNext) joined[joined.length - 1] = { ...last, width: place(box.x + box.width - last.x) }
    else joined.push(box)
  }
  return joined.map(({ x, y, width, height }) => `M${x} ${y}h${width}v${height}h${-width}z`).join('')
}
