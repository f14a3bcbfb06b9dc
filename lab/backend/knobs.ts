/** What tests turn while the service runs: how all requests fare. */

/** The share of requests answered 500 (0 to 1), a delay in milliseconds, the health verdict. */
export interface Knobs {
  readonly errorRatio: number
  readonly latencyMs: number
  readonly healthy: boolean
}

export const START_KNOBS: Knobs = { errorRatio: 0, latencyMs: 0, healthy: true }

/**
 * Takes over the knobs that `change` names and keeps the others.
 * @returns `null` when `change` has an unknown knob or a value out of range.
 */
export function turnKnobs(knobs: Knobs, change: unknown): Knobs | null {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return null
  let next = knobs
  for (const [name, value] of Object.entries(change)) {
    if (name === 'errorRatio' && typeof value === 'number' && value >= 0 && value <= 1) {
      next = { ...next, errorRatio: value }
    } else if (name === 'latencyMs' && typeof value === 'number' && value >= 0 && value <= 600_000) {
      next = { ...next, latencyMs: value }
    } else if (name === 'healthy' && typeof value === 'boolean') {
      next = { ...next, healthy: value }
    } else {
      return null
    }
  }
  return next
}

/**
 * Spreads errors evenly instead of at random: of any N requests in a row, N times the ratio fail, give or take one.
 * Returns a function that says for each request whether it fails.
 */
export function errorSpreader(): (ratio: number) => boolean {
  let owed = 0
  return (ratio) => {
    if (ratio <= 0) owed = 0
    else owed += ratio
    // Tenths added up fall short of one by a rounding error.
    if (owed < 1 - 1e-9) return false
    owed -= 1
    return true
  }
}
