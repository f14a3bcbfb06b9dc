import { expect, it } from 'vitest'
import { sample } from './fixtures/sample.js'
import { runSeeds } from './operators/run-seeds.js'

const SEEDS = sample(
  Array.from({ length: 200 }, (_, index) => index + 1),
  60,
)

/** So many runs side by side: they wait more than they work. */
const TOGETHER = 6

it(
  'five operators at a time keep off one another, killed and stopped as they are',
  { timeout: 900_000 },
  async () => {
    const results = await runSeeds(SEEDS, TOGETHER)
    expect(results.filter(({ problems }) => problems.length > 0)).toEqual([])
    // Seeds after which nobody had to take over or was kept out would prove nothing.
    for (const count of ['changes', 'killed', 'tookOver', 'fenced'] as const)
      expect(
        results.reduce((sum, result) => sum + result[count], 0),
        count,
      ).toBeGreaterThan(20)
  },
)
