import type { RateLimit } from '../model/limits.js'

type Rate = Pick<RateLimit, 'count' | 'per'>

const HIGHEST = 1_000_000

/** How rates are written, as NGINX does: `100r/m` for a minute, `10r/s` for a second. */
export const RATE = /^([1-9][0-9]{0,6})r\/([sm])$/

/** The rate of a text such as `100r/m`, or `null` when it is none or higher than a million. */
export function parseRate(text: string): Rate | null {
  const [, count, unit] = RATE.exec(text) ?? []
  if (count === undefined || Number(count) > HIGHEST) return null
  return { count: Number(count), per: unit === 's' ? 'second' : 'minute' }
}

export function formatRate({ count, per }: Rate): string {
  return `${count}r/${per === 'second' ? 's' : 'm'}`
}
