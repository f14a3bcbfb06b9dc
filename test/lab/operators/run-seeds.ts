import { OperatorPool } from './pool.js'
import { runSeed, type SeedResult } from './run-seed.js'

/** Runs seeds, so many at once, in the order of their numbers; `done` hears of each. */
export async function runSeeds(
  seeds: readonly number[],
  together: number,
  { breakFence = false, done = () => undefined }: RunOptions = {},
): Promise<SeedResult[]> {
  const pool = new OperatorPool()
  const left = [...seeds]
  const results: SeedResult[] = []
  const work = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      const result = await runSeed(pool, seed, breakFence)
      results.push(result)
      done(result)
    }
  }
  try {
    await Promise.all(Array.from({ length: together }, work))
    return results
  } finally {
    await pool.close()
  }
}

interface RunOptions {
  readonly breakFence?: boolean
  readonly done?: (result: SeedResult) => void
}
