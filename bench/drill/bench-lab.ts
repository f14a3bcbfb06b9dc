import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DrillHistory, drillFolder } from '../../src/cli/drill-history.js'
import { listenForInterrupts } from '../../src/cli/interrupts.js'
import type { DrillReport } from '../../src/drill/report.js'
import type { ScenarioName } from '../../src/drill/scenarios/names.js'
import { containerName } from '../../src/lab/compose.js'
import { docker } from '../../src/lab/docker.js'
import { labDown } from '../../src/lab/down.js'
import { labUp } from '../../src/lab/up.js'
import { runGw, type GwEnd } from './gw.js'

export interface BenchLabOptions {
  readonly name: string
  /** Whether the lab stays up at the end. */
  readonly keep: boolean
}

/** What a scenario takes on a busy machine; a reboot, twice as long. */
const SCENARIO_MS = 120_000
const COMMAND_MS = 240_000

/** A drill in the lab: its faults last for 2 s when nothing ends them, and no outage is too long to be measured whole. */
const DRILL = ['--yes', '--json', '--rate', '100', '--hold', '2s', '--max-outage', '10s']

/** A lab for a benchmark, whose two gateways are deployed. */
export class BenchLab {
  readonly #stateFolder: string
  readonly #inventory: string

  constructor(
    readonly name: string,
    readonly virtualIp: string,
    /** Fires when the benchmark is interrupted. */
    readonly stop: AbortSignal,
    paths: { readonly inventory: string; readonly stateFolder: string },
  ) {
    this.#inventory = paths.inventory
    this.#stateFolder = paths.stateFolder
  }

  /** @throws Error when the gateways do not come to be healthy */
  async deploy(): Promise<void> {
    await this.#must(['deploy', this.#inventory, '--yes'])
    await this.#must(['health', this.#inventory, '--wait', '60s'])
  }

  /** One drill with these scenarios, one after the other. Null when it told nothing; what it said is on stderr. */
  async drill(names: readonly ScenarioName[]): Promise<DrillReport | null> {
    const scenarios = names.flatMap((name) => ['--scenario', name])
    const words = ['failover-drill', this.#inventory, ...DRILL, ...scenarios]
    const end = await this.#gw(words, names.length * SCENARIO_MS)
    const { run = null, error = null } = toldBy(end)
    const history = new DrillHistory(drillFolder({ XDG_STATE_HOME: this.#stateFolder }))
    const report = (await history.list(null)).find((drill) => drill.run === run) ?? null
    if (end.status !== 0)
      say(`a drill ended with ${end.status ?? 'a signal'}: ${error?.message ?? end.stderr}`)
    if (run !== null && report === null) say(`drill ${run} is not kept, or cannot be read`)
    return report
  }

  /** After a drill that did not end as it should: the lab as it was before, so that the next one can begin. */
  async mend(): Promise<void> {
    await this.#gw(['lock', 'release', this.#inventory], COMMAND_MS)
    const { status } = await this.#gw(['health', this.#inventory, '--wait', '90s'], COMMAND_MS)
    if (status === 0 || this.stop.aborted) return
    say('the lab is not healthy: it is made anew')
    await labDown({ name: this.name, report: say })
    await labApart(this.name, this.stop)
    await this.deploy()
  }

  async #must(words: readonly string[]): Promise<void> {
    const { status, stdout, stderr } = await this.#gw(words, COMMAND_MS)
    if (status !== 0) throw new Error(`gw ${words.join(' ')} failed\n${stdout}\n${stderr}`)
  }

  #gw(words: readonly string[], timeoutMs: number): Promise<GwEnd> {
    return runGw(words, { stateFolder: this.#stateFolder, timeoutMs, stop: this.stop })
  }
}

/** Brings a lab up, has work done there, and takes it down, also when the work is interrupted. */
export async function onBenchLab(
  { name, keep }: BenchLabOptions,
  work: (lab: BenchLab) => Promise<void>,
): Promise<void> {
  const interrupts = listenForInterrupts(process)
  const stateFolder = await mkdtemp(join(tmpdir(), 'gw-bench-'))
  try {
    const { lab: made, files } = await labApart(name, interrupts.stop)
    const paths = { inventory: files.inventory, stateFolder }
    const lab = new BenchLab(name, made.virtualIp, interrupts.stop, paths)
    await lab.deploy()
    await work(lab)
  } finally {
    if (!keep) await labDown({ name, report: say })
    await rm(stateFolder, { recursive: true })
    interrupts.dispose()
  }
}

/**
 * Brings a lab up with gw on the first processor and the hosts on the others, as machines have processors of their own: else
 * what gw and its load compute would be in the figures of the gateways. Where there is one processor, they share it.
 */
async function labApart(name: string, signal: AbortSignal): ReturnType<typeof labUp> {
  const up = await labUp({ name, report: say, signal })
  const last = availableParallelism() - 1
  if (last < 1) return up
  execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', '0', String(process.pid)])
  const containers = up.lab.hosts.map((host) => containerName(name, host.name))
  await docker(['update', `--cpuset-cpus=1-${last}`, ...containers])
  return up
}

/** Progress; results go to stdout. */
export function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`)
}

interface Told {
  readonly run: string | null
  readonly error: { readonly message: string } | null
}

/** Nothing for a gw that was killed before it printed its object. */
function toldBy({ stdout }: GwEnd): Partial<Told> {
  return stdout === '' ? {} : (JSON.parse(stdout) as Told)
}
