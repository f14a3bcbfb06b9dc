import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LockSeen } from '../../src/facts/lock-state.js'
import { gw, type GwResult, startGw } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { compile, type CompiledProgram } from './operators/compile.js'

const GATEWAYS = ['gw-1', 'gw-2']
const [ONE, TWO] = ['aaaa0001', 'bbbb0002']

let program: CompiledProgram
const started: Holder[] = []

beforeAll(() => {
  program = compile('ssh-holder')
})
afterAll(() => {
  program.dispose()
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((holder) => holder.end()))
  await gw(['lock', 'release', ownLab().inventory, '--force', '--yes'])
})

/** A process that holds the locks of both gateways, with a heartbeat. */
class Holder {
  readonly #child: ChildProcess
  #said = ''
  #look: () => void = () => undefined

  constructor(run: string, leaseMs: number, waitMs = 0) {
    const words = [program.file, ownLab().inventory, run, String(leaseMs), String(waitMs)]
    this.#child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
      this.#look()
    })
    started.push(this)
  }

  /** Waits until it says so, and forgets what it said until then. */
  async says(pattern: RegExp): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#look = () => {
        const match = pattern.exec(this.#said)
        if (match === null) return
        this.#said = this.#said.slice(match.index + match[0].length)
        resolve()
      }
      this.#child.once('exit', () => {
        reject(new Error(`the holder ended without saying ${String(pattern)}: ${this.#said}`))
      })
      this.#look()
    })
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }
}

function lock(command: string, ...words: readonly string[]): Promise<GwResult> {
  return gw(['lock', command, ownLab().inventory, ...words])
}

async function locks(): Promise<(LockSeen & { readonly host: string })[]> {
  const result = await lock('status', '--json')
  expect(result.status).toBe(0)
  return result.json()['locks'] as (LockSeen & { readonly host: string })[]
}

/** The run that has the lock of each gateway, with a `+` while its lease is not over. */
async function owners(): Promise<string[]> {
  return (await locks()).map(({ lock: seen }) =>
    seen === null ? 'free' : `${seen.holder.run}${seen.leftSeconds > 0 ? '+' : ''}`,
  )
}

describe('gw lock', () => {
  it('keeps the gateways for a person until they are let go, and says who, what, since and why', async () => {
    const taken = await lock('acquire', '--reason', "moving the rack; don't touch", '--for', '10m')
    expect(taken).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Locked for 10m: gw-1, gw-2.') as unknown,
    })
    const seen = await locks()
    expect(seen.map(({ host }) => host)).toEqual(GATEWAYS)
    for (const { lock: held } of seen) {
      expect(held?.holder).toMatchObject({ reason: "moving the rack; don't touch", hosts: GATEWAYS })
      expect(held?.holder.command).toMatch(/^gw lock acquire /)
      expect(held?.leftSeconds).toBeGreaterThan(540)
    }
    expect((await lock('status')).stdout).toMatch(
      /gw-1 +held, (?:9|10) min left .*gw lock acquire.*moving the rack; don't touch\n/,
    )
    expect(await hostSays('gw-1', 'stat -c "%U %a %F" /var/lib/gw /var/lib/gw/lock /var/lib/gw/token')).toBe(
      'root 755 directory\nroot 755 directory\nroot 644 regular file\n',
    )

    const refused = await lock('acquire', '--reason', 'me, too')
    expect(refused.status).toBe(7)
    expect(refused.stderr).toMatch(/LOCK_HELD gw-1: the lock is held by .*moving the rack.*--lock-wait/s)

    expect(await lock('release')).toMatchObject({ status: 0, stdout: 'Let go: gw-1, gw-2.\n' })
    expect(await owners()).toEqual(['free', 'free'])
    expect((await lock('release')).stdout).toBe('No lock was held.\n')
  })

  it('waits for a lock when it is told to, and says for whom', async () => {
    await lock('acquire', '--reason', 'first', '--limit', 'gw-2')
    const words = ['--reason', 'second', '--lock-wait', '60s']
    const waiting = startGw(['lock', 'acquire', ownLab().inventory, ...words])
    await waiting.shows('gw-2         waiting for the lock: held by ')
    await lock('release', '--limit', 'gw-2')
    expect(await waiting.ended).toMatchObject({ status: 0 })
    expect((await locks()).map(({ lock: held }) => held?.holder.reason)).toEqual(['second', 'second'])
  })

  it('leaves nothing behind when the waiting is interrupted', async () => {
    await lock('acquire', '--reason', 'first', '--limit', 'gw-2')
    const words = ['--reason', 'second', '--lock-wait', '60s']
    const waiting = startGw(['lock', 'acquire', ownLab().inventory, ...words])
    await waiting.shows('waiting for the lock')
    waiting.kill('SIGINT')
    expect((await waiting.ended).status).toBe(130)
    expect((await owners())[0]).toBe('free')
  })

  it('does not let go what a run renews, unless it is forced; then the run can change nothing more', async () => {
    const run = new Holder(ONE, 30_000)
    await run.says(/held/)
    const refused = await lock('release')
    expect(refused.status).toBe(7)
    expect(refused.stderr).toContain(`run ${ONE}`)
    expect((await lock('release', '--force')).stderr).toContain('QUESTION_WITHOUT_TERMINAL')
    expect(await owners()).toEqual([`${ONE}+`, `${ONE}+`])
    expect((await lock('release', '--force', '--yes')).status).toBe(0)
    run.tell('change')
    await run.says(/fenced gone/)
  })
})

describe('a run that does not end', () => {
  it('is taken over when it was killed and its lease is over, which the next one hears of', async () => {
    const first = new Holder(ONE, 2000)
    await first.says(/held/)
    expect(await owners()).toEqual([`${ONE}+`, `${ONE}+`])
    first.kill('SIGKILL')
    await expect.poll(owners, { timeout: 30_000 }).toEqual([ONE, ONE])
    expect((await lock('status')).stdout).toContain('over: the run did not end')
    const second = new Holder(TWO, 30_000)
    await second.says(/lock\.taken-over\nlock\.taken-over\nheld gw-1:aaaa0001 gw-2:aaaa0001/)
  })

  it('can change nothing more when it wakes up after its lease, and hears that it lost the lock', async () => {
    await hostSays('gw-1', 'rm -f /tmp/lock-changes')
    const first = new Holder(ONE, 2000)
    await first.says(/held/)
    first.tell('change')
    await first.says(/changed/)
    first.kill('SIGSTOP')
    const second = new Holder(TWO, 30_000, 60_000)
    await second.says(/lock\.waiting/)
    await second.says(/held/)
    second.tell('change')
    await second.says(/changed/)
    first.tell('change')
    first.kill('SIGCONT')
    await first.says(/(?=.*^lost$)(?=.*^fenced taken$)/ms)
    expect(await hostSays('gw-1', 'cat /tmp/lock-changes')).toBe(`${ONE}\n${TWO}\n`)
    second.tell('release')
    await expect.poll(owners, { timeout: 30_000 }).toEqual(['free', 'free'])
  })
})
