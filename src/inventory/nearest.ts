/** No word that an inventory knows is longer, and comparing long ones takes time. */
const LONGEST_WORD = 64

/** The candidate that a mistyped word most likely meant, or `null` when none is near. Letters' case is ignored. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  if (word.length > LONGEST_WORD) return null
  const limit = Math.max(1, Math.floor(word.length / 3))
  let best: string | null = null
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue
    const found = distance(word.toLowerCase(), candidate.toLowerCase())
    if (found < bestDistance) {
      best = candidate
      bestDistance = found
    }
  }
  return best
}

/** "; did you mean `x`?", or "; known are `x`, `y`" when nothing is near; empty without candidates. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates)
  if (near !== null) return `; did you mean \`${near}\`?`
  if (candidates.length === 0) return ''
  return `; known are ${listed(candidates.slice(0, 12))}${candidates.length > 12 ? ' and more' : ''}`
}

/** What to say of a host that a setting names although its group has no such host. */
export function stranger(host: string, group: string, hosts: readonly string[]): string {
  return `\`${host}\` is not in the group \`${group}\`${suggestion(host, hosts)}`
}

export function listed(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ')
}

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other. */
function distance(from: string, to: string): number {
  let before: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const current = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const edited = Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1)
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      current.push(swapped ? Math.min(edited, (before[j - 2] ?? 0) + 1) : edited)
    }
    before = previous
    previous = current
  }
  return previous[to.length] ?? 0
}
