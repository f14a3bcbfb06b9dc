/** A time as it is read beside others: `38 ms`, `1.8 s`. */
export function lengthText(ms: number): string {
  return Math.abs(ms) < 9999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** A time that somebody chose: `500 ms`, `60 s`. */
export function chosenText(ms: number): string {
  return ms >= 1000 ? `${Number((ms / 1000).toFixed(1))} s` : lengthText(ms)
}

/** A time that counts from the fault: `+0.018 s`, `-2.000 s`. */
export function sinceText(ms: number): string {
  const whole = Math.round(ms)
  return `${whole < 0 ? '-' : '+'}${(Math.abs(whole) / 1000).toFixed(3)} s`
}

/** A time at an axis: as exact as its neighbours make it. */
export function tickText(ms: number, spanMs: number): string {
  if (Math.round(ms) === 0) return '0'
  const sign = ms < 0 ? '-' : '+'
  const size = Math.abs(ms)
  return spanMs < 2000 ? `${sign}${Math.round(size)} ms` : `${sign}${Number((size / 1000).toFixed(2))} s`
}

/** A time of the calendar, to the second. */
export function clockText(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`
}
