import { beforeEach, describe, expect, it } from 'vitest'
import { failoverDrill } from '../../playbooks/failover-drill.js'
import type { Drill } from '../../src/drill/drill.js'

const STEPS = ['arm', 'disturb', 'watch', 'undo', 'steadyAgain', 'failBack'] as const

type Step = (typeof STEPS)[number]
type Fallible = Step | 'lock' | 'begin' | 'end'

/** A drill of two scenarios that writes down what it is told to do. A step may fail, or end with an abort, in the first. */
class FakeDrill {
  readonly story: string[] = []
  readonly scenarios = [{ name: 'nginx-stopped' }, { name: 'handover' }]
  readonly fails = new Map<Fallible, Error>()
  mayGoOn = true
  /** Whether the first scenario is undone before its time. */
  aborts = false

  lock(): Promise<void> {
    return this.#tell('lock', 'lock')
  }

  async begin({ name }: { readonly name: string }): Promise<unknown> {
    await this.#tell('begin', `begin ${name}`)
    const step = (each: Step) => () => this.#tell(each, each)
    return {
      name,
      ...Object.fromEntries(STEPS.map((each) => [each, step(each)])),
      fail: (error: Error) => {
        this.story.push(`fail: ${error.message}`)
      },
    }
  }

  async end({ name }: { readonly name: string }): Promise<void> {
    if (this.aborts) this.mayGoOn = false
    await this.#tell('end', `end ${name}`)
  }

  async #tell(step: Fallible, line: string): Promise<void> {
    this.story.push(line)
    const error = this.fails.get(step)
    this.fails.delete(step)
    // Whoever does not wait for a step goes on before it has ended.
    await new Promise(setImmediate)
    if (error !== undefined) throw error
  }
}

let drill: FakeDrill

beforeEach(() => {
  drill = new FakeDrill()
})

/** What the procedure is given has more than it uses. */
function run(): Promise<void> {
  return failoverDrill(drill as unknown as Drill)
}

const whole = (name: string): string[] => [`begin ${name}`, ...STEPS, `end ${name}`]

describe('the playbook failover-drill', () => {
  it('arms, disturbs, watches, undoes and waits for each scenario, one after the other', async () => {
    await run()
    expect(drill.story).toEqual(['lock', ...whole('nginx-stopped'), ...whole('handover')])
  })

  it.each(['arm', 'disturb', 'watch'] as const)(
    'undoes also where %s fails, tells of it, and begins nothing more',
    async (step) => {
      drill.fails.set(step, new Error('the host is gone'))
      await expect(run()).rejects.toThrow('the host is gone')
      const done = STEPS.slice(0, STEPS.indexOf(step) + 1)
      expect(drill.story).toEqual([
        ...['lock', 'begin nginx-stopped', ...done, 'fail: the host is gone', 'undo'],
        ...['fail: the host is gone', 'end nginx-stopped'],
      ])
    },
  )

  it.each(['undo', 'steadyAgain', 'failBack'] as const)(
    'tells of a failure of %s, and begins nothing more',
    async (step) => {
      drill.fails.set(step, new Error('the host is gone'))
      await expect(run()).rejects.toThrow('the host is gone')
      expect(drill.story).toEqual([
        ...['lock', 'begin nginx-stopped', ...STEPS.slice(0, STEPS.indexOf(step) + 1)],
        ...['fail: the host is gone', 'end nginx-stopped'],
      ])
    },
  )

  it('waits after an abort until all is steady, and begins nothing more', async () => {
    drill.aborts = true
    await run()
    expect(drill.story).toEqual(['lock', ...whole('nginx-stopped')])
  })

  it('disturbs nothing without the locks, nor where it is not steady', async () => {
    drill.fails.set('lock', new Error('somebody else has it'))
    await expect(run()).rejects.toThrow('somebody else has it')
    expect(drill.story).toEqual(['lock'])

    drill.fails.set('begin', new Error('gw-2 is not fit'))
    await expect(run()).rejects.toThrow('gw-2 is not fit')
    expect(drill.story).toEqual(['lock', 'lock', 'begin nginx-stopped'])
  })
})
