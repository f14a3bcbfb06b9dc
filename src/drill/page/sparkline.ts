import { html, type Markup, NOTHING } from './markup.js'
import { lengthText } from './times.js'

const HEIGHT = 26
const BAR = 7
const GAP = 3

/** More drills than these are no trend that can be seen. */
const MOST = 16

/** Outages of a scenario from drill to drill as small bars, the last of them this drill's; nothing without one before. */
export function sparkline(before: readonly number[], now: number | null): Markup {
  const outages = [...before.slice(1 - MOST), ...(now === null ? [] : [now])]
  if (before.length === 0) return NOTHING
  const highest = Math.max(1, ...outages)
  const width = outages.length * (BAR + GAP)
  const label = `outages from drill to drill: ${outages.map(lengthText).join(', ')}`
  return html`<svg
    class="spark"
    viewBox="0 0 ${width} ${HEIGHT}"
    width="${width}"
    height="${HEIGHT}"
    role="img"
    aria-label="${label}"
  >
    ${outages.map((ms, index) => {
      const height = Math.max(1.5, Math.round((ms / highest) * (HEIGHT - 2) * 10) / 10)
      const isNow = now !== null && index === outages.length - 1
      return html`<rect
        class="${isNow ? 'now' : 'past'}"
        x="${index * (BAR + GAP)}"
        y="${Math.round((HEIGHT - height) * 10) / 10}"
        width="${BAR}"
        height="${height}"
        ><title>${lengthText(ms)}</title></rect
      >`
    })}
  </svg>`
}
