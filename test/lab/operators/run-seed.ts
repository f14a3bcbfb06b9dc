import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { checkLog } from './check-log.js'
import type { Report } from './job.js'
import { LONGEST_CHANGE_MS, type OperatorPlan, planOf } from './plan.js'
import type { OperatorPool } from './pool.js'

const LEASE_MS = 1000

/**
 * The longest that the next operator may wait after the one with the lock died: the lease (which a host reckons in whole
 * seconds), what the dead one still has at work, and what a busy machine needs.
 */
const LONGEST_WAIT_MS = LEASE_MS + 1000 + 2 * LONGEST_CHANGE_MS + 10_000

/** What became of one run; `problems` is empty when all went right. */
export interface SeedResult {
  readonly seed: number
  readonly problems: readonly string[]
  readonly changes: number
  readonly tookOver: number
  readonly fenced: number
  readonly killed: number
  readonly waitMs: number
}

/** Has five operators do what the seed says on a "host" that is a folder of this machine. */
export async function runSeed(pool: OperatorPool, seed: number, breakFence = false): Promise<SeedResult> {
  const folder = mkdtempSync(join(tmpdir(), 'gw-operators-'))
  const run = new SeedRun(pool, folder, breakFence)
  try {
    await Promise.all(planOf(seed).map((plan, index) => run.operate(plan, `op${index}`)))
    await workIsOver(folder)
    return { seed, ...run.result() }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

class SeedRun {
  readonly #problems: string[] = []
  #tookOver = 0
  #fenced = 0
  #killed = 0
  #waitMs = 0
  /** Who has the lock, and when the one died who had it last. */
  #owner: string | null = null
  #died: number | null = null

  constructor(
    private readonly pool: OperatorPool,
    private readonly folder: string,
    private readonly breakFence: boolean,
  ) {}

  async operate({ startMs, changes, fault }: OperatorPlan, run: string): Promise<void> {
    await sleep(startMs)
    const { folder, breakFence } = this
    const job = { folder, run, changes, breakFence, leaseMs: LEASE_MS, waitMs: 90_000 }
    let ready = performance.now()
    let acquired: () => void = () => undefined
    const whenAcquired = new Promise<void>((resolve) => {
      acquired = resolve
    })
    const operator = this.pool.start(job, (report) => {
      this.#hear(report, ready)
      if (report.kind === 'acquired') acquired()
    })
    const befall = async (): Promise<void> => {
      if (fault === null) return
      if (fault.after === 'acquired') await Promise.race([whenAcquired, operator.over])
      await sleep(fault.delayMs)
      if (fault.pauseMs !== null) {
        await operator.pause(fault.pauseMs)
        ready = performance.now()
      } else if (operator.kill()) this.#buried(run)
    }
    await Promise.all([operator.over, befall()])
  }

  result(): Omit<SeedResult, 'seed'> {
    const path = join(this.folder, 'log')
    const log = existsSync(path) ? readFileSync(path, 'utf8') : ''
    return {
      problems: [...this.#problems, ...checkLog(log)],
      changes: log.split('\n').filter((line) => line.startsWith('end ')).length,
      tookOver: this.#tookOver,
      fenced: this.#fenced,
      killed: this.#killed,
      waitMs: this.#waitMs,
    }
  }

  /** @param ready since when the operator that reports could have taken the lock */
  #hear(report: Report, ready: number): void {
    const { run } = report
    if (report.kind === 'acquired') {
      if (this.#died !== null) this.#waited(run, performance.now() - Math.max(this.#died, ready))
      this.#died = null
      this.#owner = run
      if (report.tookOver) this.#tookOver += 1
      return
    }
    if (this.#owner === run) this.#owner = null
    if (report.how === 'fenced') this.#fenced += 1
    if (report.how === 'held' || report.how === 'failed')
      this.#problems.push(`${run} ${report.how}: ${report.detail}`)
  }

  #waited(run: string, ms: number): void {
    this.#waitMs = Math.max(this.#waitMs, ms)
    if (ms > LONGEST_WAIT_MS)
      this.#problems.push(`${run} waited for ${Math.round(ms)} ms after the lock's owner had died`)
  }

  #buried(run: string): void {
    this.#killed += 1
    if (this.#owner === run) this.#died = performance.now()
  }
}

/** Waits for what killed operators have left at work. */
async function workIsOver(folder: string): Promise<void> {
  const work = join(folder, 'state', 'work')
  if (existsSync(work)) await promisify(execFile)('flock', ['-w', '30', work, 'true'])
}
