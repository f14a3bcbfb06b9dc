const UNITS = [
  ['m', 1024 * 1024],
  ['k', 1024],
] as const

/** A number of bytes as NGINX reads it: `10m`, `16k`, `100`. */
export function nginxSize(bytes: number): string {
  const unit = UNITS.find(([, size]) => bytes > 0 && bytes % size === 0)
  return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`
}
