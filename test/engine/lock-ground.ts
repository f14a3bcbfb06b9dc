import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineEvent } from '../../src/engine/events.js'
import { FleetLock, type LockOptions } from '../../src/engine/lock/fleet-lock.js'
import { fencePrelude } from '../../src/engine/lock/scripts.js'
import { HostSession, type Reach } from '../../src/engine/session.js'
import { lockState, type LockSeen } from '../../src/facts/lock-state.js'
import type { Fence, Holder } from '../../src/model/lock.js'
import { statePaths } from '../../src/model/state-paths.js'
import { Secret } from '../../src/model/secret.js'
import { frame } from '../../src/shell/frames.js'
import { quote } from '../../src/shell/quote.js'
import { shellLine, type Script } from '../../src/shell/script.js'
import { LocalDriver } from '../fakes/local-driver.js'
import { testHost } from './fixtures.js'

/** Hosts that are folders of this machine: each has its state in `state` below its own, which is where its shell starts. */
export class LockGround {
  readonly folder = mkdtempSync(join(tmpdir(), "gw lock it's "))
  readonly paths = statePaths('state')
  readonly events: EngineEvent[] = []

  /** Reaches each host by a shell in its folder. */
  readonly reach: Reach = {
    driver: {
      connect: (_target, { host }) => {
        mkdirSync(this.at(host), { recursive: true })
        const driver = new LocalDriver()
        driver.prepare = (command) => `cd ${quote(this.at(host))} && ${command}`
        return driver.connect()
      },
    },
    resolveSecret: () => Promise.resolve(new Secret('unused')),
  }

  session(host: string): HostSession {
    return new HostSession(testHost(host), this.reach)
  }

  options(run: string, hosts: readonly string[], more: Partial<LockOptions> = {}): LockOptions {
    return {
      holderOf: () => holder(run, hosts),
      leaseMs: 60_000,
      waitMs: 0,
      paths: this.paths,
      emit: (event) => this.events.push(event),
      now: () => performance.now(),
      signal: new AbortController().signal,
      ...more,
    }
  }

  acquire(
    run: string,
    hosts: readonly string[] = ['gw-1'],
    more: Partial<LockOptions> = {},
  ): Promise<FleetLock> {
    const sessions = hosts.map((host) => this.session(host))
    return FleetLock.acquire(sessions, this.options(run, hosts, more))
  }

  /** Runs a script on a host; answers what it printed and the frames that it answered. */
  async run(host: string, script: Script): Promise<{ text: string; frames: string[][] }> {
    const frames: string[][] = []
    let text = ''
    const listener = {
      onText: (bytes: Buffer) => (text += bytes.toString()),
      onFrame: (words: readonly string[]) => frames.push([...words]),
    }
    await this.session(host).run({ text: script.text }, listener, {
      deadlineMs: 10_000,
      maxOutputBytes: 100_000,
    })
    return { text, frames }
  }

  /** Runs a change under the fence. Answers `changed`, or why the fence kept it out. */
  async change(host: string, fence: Fence, script = ':', seconds = 1): Promise<string> {
    const program = `${fencePrelude(this.paths, fence, seconds).text}\n${script}\n${frame('changed')}`
    const { frames } = await this.run(host, shellLine(program))
    const [word = '', kind = ''] = frames[0] ?? []
    return word === 'changed' ? word : kind
  }

  async seen(host = 'gw-1'): Promise<LockSeen> {
    const args = [{ paths: this.paths }]
    const [seen] = lockState.parse((await this.run(host, lockState.script(args))).text, args)
    if (seen === undefined) throw new Error('the fact answered nothing')
    return seen
  }

  /** The run that has the lock, with a `+` while its lease is not over, or `free`. */
  async holder(host = 'gw-1'): Promise<string> {
    const { lock } = await this.seen(host)
    return lock === null ? 'free' : `${lock.holder.run}${lock.leftSeconds > 0 ? '+' : ''}`
  }

  /** The run whose lease a host has at this moment, or `none`. */
  leasedTo(host: string): string {
    const lease = 'state/lock/lease'
    return this.exists(host, lease) ? (this.read(host, lease).trim().split(' ')[3] ?? '') : 'none'
  }

  /** Lets the time of a host's lease be over. */
  expire(host = 'gw-1'): void {
    const [token = '', , ...rest] = this.read(host, 'state/lock/lease').split(' ')
    this.write(host, 'state/lock/lease', [token, '1', ...rest].join(' '))
  }

  at(host: string, path = ''): string {
    return join(this.folder, host, path)
  }

  read(host: string, path: string): string {
    return readFileSync(this.at(host, path), 'utf8')
  }

  write(host: string, path: string, text: string): void {
    mkdirSync(join(this.at(host, path), '..'), { recursive: true })
    writeFileSync(this.at(host, path), text)
  }

  exists(host: string, path: string): boolean {
    return existsSync(this.at(host, path))
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true })
  }
}

export function holder(run: string, hosts: readonly string[] = ['gw-1']): Holder {
  const since = '2026-11-21T20:00:00.000Z'
  const release = { release: 'v1.3', before: 'v1.2' }
  return {
    kind: 'run',
    run,
    by: 'alice@laptop',
    command: 'gw deploy test',
    reason: "it's due",
    since,
    ...release,
    hosts,
  }
}
