const UNITS = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** How durations are written: a whole number and `ms`, `s`, `m`, `h` or `d`. */
export const DURATION = /^([0-9]{1,9})(ms|s|m|h|d)$/

/** Milliseconds of a duration such as `50ms` or `2m`, or `null` when it is not one. */
export function parseDuration(text: string): number | null {
  const [, count, unit = ''] = DURATION.exec(text) ?? []
  return count === undefined ? null : Number(count) * (UNITS.get(unit) ?? 1)
}

const OTHER_WORDS = /^([0-9]{1,9})\s*(ms|s|m|h|d|(?:sec|second|min|minute|hr|hour|day)s?)?$/

/** What was meant by something that is no duration: `120s` by 120, `5m` by `5 min`; `null` when nobody can tell. */
export function likelyDuration(written: unknown): string | null {
  if (typeof written !== 'string' && typeof written !== 'number') return null
  const [, count, unit = 's'] = OTHER_WORDS.exec(String(written).trim().toLowerCase()) ?? []
  return count === undefined ? null : count + (unit === 'ms' ? unit : unit.charAt(0))
}

/** The shortest way to write a duration: `formatDuration(120_000)` is `2m`, no time at all is `0s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s'
  const [unit, length] = [...UNITS].reverse().find(([, each]) => milliseconds % each === 0) ?? ['ms', 1]
  return `${milliseconds / length}${unit}`
}
