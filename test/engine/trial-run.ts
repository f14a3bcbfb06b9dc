import { existsSync } from 'node:fs'
import { task } from '../../src/engine/playbook.js'
import type { RunReport } from '../../src/engine/report.js'
import { runPlaybook } from '../../src/engine/run.js'
import type { LockSettings } from '../../src/engine/run-lock.js'
import type { RunOptions } from '../../src/engine/run-options.js'
import type { Trial, TrialHost, TrialPlay } from '../../src/engine/trial.js'
import { GwError } from '../../src/errors.js'
import type { Host } from '../../src/model/host.js'
import { type Script, sh } from '../../src/shell/script.js'
import { line, runOptions, testHost, testInventory } from './fixtures.js'
import type { LockGround } from './lock-ground.js'

/** What a trial does at a host, e.g. `prove h2`. */
export type Step = `${'guard' | 'change' | 'prove' | 'ready' | 'confirm' | 'revert'} ${string}`

export function lockSettings({ paths }: LockGround, more: Partial<LockSettings> = {}): LockSettings {
  const who = { by: 'alice@laptop', command: 'gw deploy test', reason: '' }
  return { paths, leaseMs: 60_000, waitMs: 0, ...who, ...more }
}

/**
 * A run that takes hosts from `old` to `new` on trial. `story` says what was done in which order; `fail`, `on` and `cut`
 * make it another one.
 */
export class TrialRun implements Trial {
  readonly subject = 'the release'
  readonly story: string[] = []
  readonly stop = new AbortController()
  readonly #ground: LockGround
  readonly #failing = new Set<Step>()
  readonly #when = new Map<Step, () => void>()
  /** How many attempts to reach a host fail from now on. */
  readonly #cut = new Map<string, number>()
  /** By how much the run's clock is ahead, in milliseconds. */
  #ahead = 0

  constructor(ground: LockGround) {
    this.#ground = ground
  }

  fail(...steps: Step[]): this {
    for (const step of steps) this.#failing.add(step)
    return this
  }

  on(step: Step, work: () => void): this {
    this.#when.set(step, work)
    return this
  }

  cut(host: string, attempts: number): void {
    this.#cut.set(host, attempts)
  }

  async guard({ host }: TrialHost, peers: readonly TrialHost[]): Promise<string> {
    await Promise.all(peers.map((peer) => peer.ask([])))
    const beside = peers.map((peer) => peer.host.name).join(', ')
    this.#do(`guard ${host.name}`, `guard ${host.name} beside ${beside}`)
    return 'they are fit'
  }

  prove({ host }: TrialHost): Promise<string> {
    return new Promise((resolve) => {
      this.#do(`prove ${host.name}`)
      resolve('it is served')
    })
  }

  ready({ name }: Host): Script {
    return this.#failing.has(`ready ${name}`) ? sh`exit 1` : sh`:`
  }

  confirm({ name }: Host): Script {
    return this.#scriptOf(`confirm ${name}`, sh`touch confirmed`)
  }

  revert({ name }: Host): Script {
    return this.#scriptOf(`revert ${name}`, sh`echo old >release`)
  }

  /** Runs it on `hosts`, beside which `others` are in the inventory. */
  run(
    hosts: readonly string[],
    more: Partial<RunOptions> = {},
    others: readonly string[] = [],
  ): Promise<RunReport> {
    const changing: TrialPlay = {
      name: 'publish',
      hosts: 'all',
      serial: 1,
      trial: this,
      tasks: ({ host }) => [
        task('publish', { ...line('release', 'new', this.#change(host.name)), subject: this.subject }),
      ],
    }
    const options = runOptions(this.#ground.reach.driver, hosts, {
      inventory: testInventory([...hosts, ...others].map((name) => testHost(name))),
      reach: { ...this.#ground.reach, driver: this.#driver() },
      lock: lockSettings(this.#ground),
      stop: this.stop.signal,
      now: () => performance.now() + this.#ahead,
      emit: (event) => {
        if (event.type === 'task.started') this.#do(`change ${event.host}`)
      },
      ...more,
    })
    return runPlaybook({ name: 'trial', plays: [changing] }, options)
  }

  /** What a host has now. */
  stateOf(host: string): string {
    const release = this.#ground.exists(host, 'release') ? this.#ground.read(host, 'release').trim() : 'none'
    return existsSync(this.#ground.at(host, 'confirmed')) ? `${release}, confirmed` : release
  }

  /** A change that fails has begun already: the release is the new one. */
  #change(host: string): Script {
    return this.#failing.has(`change ${host}`) ? sh`echo new >release; exit 3` : sh`echo new >release`
  }

  #do(step: Step, told: string = step): void {
    this.story.push(told)
    this.#when.get(step)?.()
    if (this.#failing.has(step) && !step.startsWith('change'))
      throw new GwError('RELEASE_NOT_SERVED', `${step}: no`)
  }

  #scriptOf(step: Step, script: Script): Script {
    this.story.push(step)
    this.#when.get(step)?.()
    return this.#failing.has(step) ? sh`echo 'it cannot be done'; exit 3` : script
  }

  /** Each attempt that fails takes ten seconds by the run's clock. */
  #driver(): RunOptions['reach']['driver'] {
    return {
      connect: (target, options) => {
        const left = this.#cut.get(options.host) ?? 0
        if (left === 0) return this.#ground.reach.driver.connect(target, options)
        this.#cut.set(options.host, left - 1)
        this.#ahead += 10_000
        return Promise.reject(new GwError('CONNECTION_REFUSED', 'nobody is there', { host: options.host }))
      },
    }
  }
}
