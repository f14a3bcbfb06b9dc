const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

/** How sizes are written: a whole number and `k`, `m` or `g`. */
export const SIZE = /^([0-9]{1,6})([kmg])$/

/** Bytes of a size such as `16k` or `10m`, or `null` when it is not one. */
export function parseSize(text: string): number | null {
  const [, count, unit] = SIZE.exec(text) ?? []
  if (count === undefined) return null
  return Number(count) * (unit === 'k' ? KIB : unit === 'm' ? MIB : GIB)
}

/** What was meant by something that is no size: `100m` by `100 MB`, `10m` by 10485760; `null` when nobody can tell. */
export function likelySize(written: unknown): string | null {
  if (typeof written === 'number')
    return written > 0 && Number.isInteger(written / KIB) ? formatSize(written) : null
  if (typeof written !== 'string') return null
  const [, count, unit = ''] = /^([0-9]{1,6})\s*([kmg])i?b?$/.exec(written.trim().toLowerCase()) ?? []
  return count === undefined ? null : count + unit
}

/** The shortest way to write a size that is a multiple of 1024 bytes: `formatSize(2 ** 20)` is `1m`. */
export function formatSize(bytes: number): string {
  if (bytes % GIB === 0) return `${bytes / GIB}g`
  return bytes % MIB === 0 ? `${bytes / MIB}m` : `${bytes / KIB}k`
}
