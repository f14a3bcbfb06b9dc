import fc from 'fast-check'
import { expect, it } from 'vitest'
import { acquireScript, releaseScript, renewScript } from '../../src/engine/lock/scripts.js'
import { holder, LockGround } from './lock-ground.js'

const RUNS = ['aaaa0001', 'bbbb0002', 'cccc0003'] as const
type Run = (typeof RUNS)[number]

/** What a host's lock is, said as shortly as can be. */
class Model {
  last = 0
  lock: { readonly run: Run; readonly token: number; isOver: boolean } | null = null
  /** The token that each run was given last. */
  readonly given = new Map<Run, number>()

  acquire(run: Run): string {
    if (this.lock !== null && !this.lock.isOver && this.lock.run !== run) return 'held'
    this.last += 1
    this.lock = { run, token: this.last, isOver: false }
    this.given.set(run, this.last)
    return `taken ${this.last}`
  }

  /** Why a run may not change the host, or `held`. */
  fence(run: Run): string {
    if (this.lock === null) return 'gone'
    if (this.lock.run !== run || this.lock.token !== this.given.get(run)) return 'taken'
    return this.lock.isOver ? 'over' : 'held'
  }

  renew(run: Run): string {
    const kind = this.fence(run)
    return kind === 'held' ? 'renewed' : kind
  }

  release(run: Run): string {
    if (['gone', 'taken'].includes(this.fence(run))) return 'kept'
    this.lock = null
    return 'released'
  }

  change(run: Run): string {
    const kind = this.fence(run)
    return kind === 'held' ? 'changed' : kind
  }
}

const ACTIONS = ['acquire', 'renew', 'release', 'change'] as const
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ action: fc.constantFrom(...ACTIONS), run: fc.constantFrom(...RUNS) }) },
  { weight: 1, arbitrary: fc.constant({ action: 'expire' as const, run: RUNS[0] }) },
)

it('a lock does what its model does, whatever three runs try', { timeout: 30_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const ground = new LockGround()
      const model = new Model()
      try {
        for (const { action, run } of steps) {
          if (action === 'expire') {
            if (model.lock === null) continue
            model.lock.isOver = true
            ground.expire()
          } else expect(await done(ground, model, action, run)).toBe(model[action](run))
        }
        const { lock, token } = await ground.seen()
        expect([lock?.holder.run ?? null, token]).toEqual([model.lock?.run ?? null, model.last])
      } finally {
        ground.dispose()
      }
    }),
    { numRuns: 15 },
  )
})

/** What the real lock answers, in the model's words. */
async function done(
  ground: LockGround,
  model: Model,
  action: (typeof ACTIONS)[number],
  run: Run,
): Promise<string> {
  const fence = { run, token: model.given.get(run) ?? 0 }
  if (action === 'change') return ground.change('gw-1', fence)
  const script = {
    acquire: () => acquireScript(ground.paths, { holder: holder(run), leaseSeconds: 600 }),
    renew: () => renewScript(ground.paths, fence, 600),
    release: () => releaseScript(ground.paths, fence),
  }[action]()
  const { frames } = await ground.run('gw-1', script)
  const [, kind = '', token = ''] = frames[0] ?? []
  return kind === 'taken' && action === 'acquire' ? `taken ${token}` : kind
}
