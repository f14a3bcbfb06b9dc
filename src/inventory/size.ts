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

/** The shortest way to write a size that is a multiple of 1024 bytes: `formatSize(2 ** 20)` is `1m`. */
export function formatSize(bytes: number): string {
  if (bytes % GIB === 0) return `${bytes / GIB}g`
  return bytes % MIB === 0 ? `${bytes / MIB}m` : `${bytes / KIB}k`
}
