const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** How durations are written: a whole number and `ms`, `s`, `m` or `h`. */
export const DURATION = /^([0-9]{1,9})(ms|s|m|h)$/

/** Milliseconds of a duration such as `50ms` or `2m`, or `null` when it is not one. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = DURATION.exec(text) ?? []
  if (count === undefined) return null
  return (
    Number(count) * (unit === 'ms' ? UNITS.ms : unit === 's' ? UNITS.s : unit === 'm' ? UNITS.m : UNITS.h)
  )
}

/** The shortest way to write a duration: `formatDuration(120_000)` is `2m`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds > 0 && milliseconds % UNITS.h === 0) return `${milliseconds / UNITS.h}h`
  if (milliseconds > 0 && milliseconds % UNITS.m === 0) return `${milliseconds / UNITS.m}m`
  return milliseconds % UNITS.s === 0 ? `${milliseconds / UNITS.s}s` : `${milliseconds}ms`
}
