/* `npx tsx bench/lock.ts [RUNS] [FIRST SEED]`: five operators at a time on one lock, killed and stopped by seed. */
import { runSeeds } from '../test/lab/operators/run-seeds.js'

const TOGETHER = 6

const [runs = 1000, first = 1] = process.argv.slice(2).map(Number)
const begin = performance.now()
const seeds = Array.from({ length: runs }, (_, index) => first + index)
let ended = 0
const results = await runSeeds(seeds, TOGETHER, {
  breakFence: process.env['BREAK_FENCE'] === '1',
  done: ({ seed, problems }) => {
    ended += 1
    for (const problem of problems) console.log(`seed ${seed}: ${problem}`)
    if (ended % 100 === 0) console.error(`${ended} runs`)
  },
})
const sum = (of: 'changes' | 'tookOver' | 'fenced' | 'killed'): number =>
  results.reduce((total, result) => total + result[of], 0)
const wrong = results.filter(({ problems }) => problems.length > 0).length
const longest = Math.max(...results.map(({ waitMs }) => waitMs))
console.log(
  `${runs} runs of five operators in ${Math.round((performance.now() - begin) / 1000)} s: ${wrong} with a problem; ` +
    `${sum('changes')} changes, ${sum('killed')} operators killed, ${sum('tookOver')} locks taken over, ` +
    `${sum('fenced')} operators fenced off; the longest wait after a death ${(longest / 1000).toFixed(1)} s`,
)
process.exitCode = wrong === 0 ? 0 : 1
