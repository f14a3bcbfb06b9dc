import { html, type Markup } from './markup.js'

/** How many gateways have a colour and a pattern of their own. */
export const COLOURS = 4

/** Which colour each gateway has all over a page. */
export interface Palette {
  /** The class of what a gateway did; of an answer that does not say whose it is for `''`. */
  readonly classOf: (gateway: string) => string
  readonly gateways: readonly string[]
}

/** Gateways by name, so that a colour means the same from drill to drill. */
export function paletteOf(names: Iterable<string>): Palette {
  const gateways = [...new Set(names)].filter((name) => name !== '').sort()
  const classOf = (gateway: string): string =>
    gateways.includes(gateway) ? `g${gateways.indexOf(gateway) % COLOURS}` : 'unnamed'
  return { classOf, gateways }
}

/**
 * Patterns that drawings fill with: gateways differ in them as well as in colour, for print and for eyes that do not tell
 * colours apart. An element that is not displayed would not lend them in every browser.
 */
export const PATTERNS: Markup = html`<svg class="patterns" width="0" height="0" aria-hidden="true">
  <defs>
    <pattern id="p0" width="6" height="6" patternUnits="userSpaceOnUse">
      <rect class="c0" width="6" height="6" />
    </pattern>
    <pattern id="p1" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class="c1" width="6" height="6" />
      <rect class="ink" width="2" height="6" />
    </pattern>
    <pattern id="p2" width="6" height="6" patternUnits="userSpaceOnUse">
      <rect class="c2" width="6" height="6" />
      <rect class="ink" width="6" height="2" />
    </pattern>
    <pattern id="p3" width="6" height="6" patternUnits="userSpaceOnUse">
      <rect class="c3" width="6" height="6" />
      <circle class="ink" cx="3" cy="3" r="1.4" />
    </pattern>
    <pattern id="px" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
      <rect class="cx" width="5" height="5" />
      <rect class="ink" width="1.6" height="5" />
    </pattern>
  </defs>
</svg>`

/** A swatch and what it stands for. */
export function swatch(kind: string, words: string): Markup {
  return html`<li>
    <svg class="swatch" viewBox="0 0 18 12" width="18" height="12" aria-hidden="true">
      <rect class="${kind}" width="18" height="12" rx="2" /></svg
    >${words}
  </li>`
}
