import type { Span } from '../sample.js'

/** How times become places across a drawing. */
export interface Scale {
  /** The times that are drawn, in milliseconds since the scenario began. */
  readonly span: Span
  /** The places of its beginning and its end. */
  readonly left: number
  readonly right: number
  /** The place of a time; one that is not drawn lies at the edge. */
  readonly x: (ms: number) => number
}

/** Pure: a scale for a time of any length, none at all included. */
export function scaleOf(span: Span, left: number, right: number): Scale {
  const length = span.to - span.from
  const x = (ms: number): number => {
    const share = length > 0 ? Math.min(1, Math.max(0, (ms - span.from) / length)) : 0
    return place(left + share * (right - left))
  }
  return { span, left, right, x }
}

/** A tenth of a pixel is as exact as anybody sees. */
export function place(pixels: number): number {
  return Math.round(pixels * 10) / 10
}

/** About so many times that are easy to read, in order, counted from `zero`. */
export function ticksOf({ from, to }: Span, zero: number, about: number): number[] {
  // Of less than a millisecond nothing can be told apart.
  if (to - from < 1) return []
  const step = roundStep((to - from) / about)
  const first = Math.ceil((from - zero) / step)
  const last = Math.floor((to - zero) / step)
  return Array.from({ length: last - first + 1 }, (_, index) => zero + (first + index) * step)
}

/** The next of 1, 2, 5, 10, 20, ... */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10)
}

/** Whether some of a time is drawn. */
export function isDrawn({ span }: Scale, { from, to }: Span): boolean {
  return from <= span.to && to >= span.from
}
