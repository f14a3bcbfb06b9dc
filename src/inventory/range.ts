const RANGE = /\[([0-9]{1,9}|[a-z]|[A-Z]):([0-9]{1,9}|[a-z]|[A-Z])(?::([1-9][0-9]{0,5}))?\]/
const LONGEST = 1024
const LONGEST_PATTERN = 512

/**
 * The words that a pattern such as `web-[01:05]` or `db-[a:c]` stands for, as Ansible reads it: both ends included,
 * leading zeros kept, an optional step. Several ranges in one pattern give every combination.
 * @returns `null` when a range runs backwards, mixes digits and letters, or gives more than 1024 words.
 */
export function expandRanges(pattern: string): string[] | null {
  const match = RANGE.exec(pattern)
  if (match === null) return [pattern]
  if (pattern.length > LONGEST_PATTERN) return null
  const steps = range(match[1] ?? '', match[2] ?? '', Number(match[3] ?? '1'))
  const rest = expandRanges(pattern.slice(match.index + match[0].length))
  if (steps === null || rest === null || steps.length * rest.length > LONGEST) return null
  const head = pattern.slice(0, match.index)
  return steps.flatMap((step) => rest.map((tail) => head + step + tail))
}

/** What to say when `expandRanges` gave `null`. */
export function notARange(pattern: string): string {
  return `\`${pattern}\` is not a range; ranges look like web-[1:5] or web-[a:c] and give at most ${LONGEST} names`
}

function range(from: string, to: string, step: number): string[] | null {
  const digits = /^[0-9]+$/
  if (digits.test(from) !== digits.test(to)) return null
  const numeric = digits.test(from)
  const first = numeric ? Number(from) : from.charCodeAt(0)
  const last = numeric ? Number(to) : to.charCodeAt(0)
  const count = Math.floor((last - first) / step) + 1
  if (count < 1 || count > LONGEST || last - first > 1_000_000 || isMixedCase(from, to)) return null
  const width = from.startsWith('0') ? from.length : 0
  return Array.from({ length: count }, (_, index) => {
    const value = first + index * step
    return numeric ? String(value).padStart(width, '0') : String.fromCharCode(value)
  })
}

function isMixedCase(from: string, to: string): boolean {
  return /^[a-z]$/.test(from) !== /^[a-z]$/.test(to)
}
