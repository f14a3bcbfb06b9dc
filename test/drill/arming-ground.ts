import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Arming, armScript, disturbScript, undoScript } from '../../src/drill/arming.js'
import { drillState, type DrillState } from '../../src/facts/drill-state.js'
import { statePaths } from '../../src/model/state-paths.js'
import { lines, sh, shellLine, type Script } from '../../src/shell/script.js'
import { answersOf, type Ended, run } from '../operations/local-shell.js'

export const RUN = '1a2b3c4d'

const SYSTEMCTL = `#!/bin/sh
verb=$1
for unit; do :; done
echo "$verb $unit" >>"$GROUND/calls"
case $verb,$unit in
  is-enabled,*)
    [ -L "$GROUND/units/multi-user.target.wants/$unit" ] && [ ! -e "$GROUND/broken-is-enabled" ] || exit 1
    echo enabled
    ;;
  is-active,*.timer) [ -e "$GROUND/timer" ] ;;
  stop,*) case "$*" in *.timer*) rm -f "$GROUND/timer" ;; esac ;;
esac
`

const SYSTEMD_RUN = `#!/bin/sh
[ ! -e "$GROUND/broken-systemd-run" ] || { echo 'Failed to start transient timer unit' >&2; exit 1; }
[ -e "$GROUND/timer-that-ends" ] || printf '%s\\n' "$*" >"$GROUND/timer"
`

/** Says that somebody is about to wait. */
const FLOCK = `#!/bin/sh
echo >>"$GROUND/waits"
PATH=$REST exec flock "$@"
`

/** Programs whose every call is a point at which the one that called them may be killed. */
const STEPS = ['rm', 'mv', 'mkdir', 'ln', 'sync', 'flock', 'timeout', 'systemctl', 'systemd-run']

/** Kills its caller instead of the call that is `killAt`, by the count of all calls. */
const STEP = `#!/bin/sh
echo >>"$GROUND/steps"
[ "$(wc -l <"$GROUND/steps")" != "\${KILL_AT-}" ] || { kill -s KILL "$PPID"; exit 1; }
PATH=$GROUND/fakes:$REST exec "\${0##*/}" "$@"
`

/** A host with a systemd that does what a test says. A fault is a file, and its undo writes down who asked. */
export class ArmingGround {
  readonly dir = mkdtempSync(join(tmpdir(), 'gw-arming-'))
  readonly paths = statePaths(join(this.dir, "it's state"))
  readonly arming: Arming = {
    run: RUN,
    serial: 0,
    scenario: 'nginx-hung',
    undo: sh`
      rm -f -- ${this.at('fault')}
      [ ! -e ${this.at('lasting')} ]
      echo "it's $by" >>${this.at('undone')}`,
    undoAfterSeconds: 60,
    paths: this.paths,
    auditFile: this.at('log/audit.jsonl'),
    unitFolder: this.at('units'),
  }
  readonly disturbance = sh`echo "it's broken" >${this.at('fault')}`

  constructor() {
    for (const folder of ['fakes', 'steps-bin', 'units']) mkdirSync(this.at(folder))
    this.#program('fakes/systemctl', SYSTEMCTL)
    this.#program('fakes/systemd-run', SYSTEMD_RUN)
    this.#program('fakes/flock', FLOCK)
    for (const name of STEPS) this.#program(`steps-bin/${name}`, STEP)
  }

  at(path: string): string {
    return join(this.dir, path)
  }

  remove(): void {
    rmSync(this.dir, { recursive: true })
  }

  put(path: string, text = ''): void {
    writeFileSync(this.at(path), text)
  }

  drop(path: string): void {
    rmSync(this.at(path))
  }

  has(path: string): boolean {
    return existsSync(this.at(path))
  }

  text(path: string): string {
    return readFileSync(this.at(path), 'utf8')
  }

  arm(more: Partial<Arming> = {}, killAt?: number): Promise<Ended> {
    return this.#run(armScript({ ...this.arming, ...more }), killAt)
  }

  disturb(more: Partial<Arming> = {}, disturbance = this.disturbance): Promise<Ended> {
    return this.#run(disturbScript({ ...this.arming, ...more }, disturbance))
  }

  undo(of: Partial<Pick<Arming, 'run' | 'serial'>> = {}): Promise<Ended> {
    return this.#run(undoScript({ ...this.arming, ...of }))
  }

  /** Keeps whatever arms, disturbs or undoes waiting, until what it answers is called. */
  async holdGuard(): Promise<() => void> {
    mkdirSync(this.paths.root, { recursive: true })
    const holder = spawn('/bin/sh', [
      '-c',
      'exec 7>>"$0"; flock 7; echo held; read -r _',
      this.paths.drillGuard,
    ])
    await once(holder.stdout, 'data')
    this.put('waits')
    return () => {
      holder.stdin.end()
    }
  }

  /** How many have begun to wait since the guard was held. */
  get waits(): number {
    return this.text('waits').length
  }

  /** The program itself, as the timer and the boot have it run. */
  program(words: readonly string[], killAt?: number): Promise<Ended> {
    return this.#run(sh`exec sh ${this.paths.drill}/undo ${words}`, killAt)
  }

  async state(): Promise<DrillState> {
    const [state] = await answersOf(drillState, [{ paths: this.paths }])
    if (state === undefined) throw new Error('nothing was answered')
    return state
  }

  /** Whether anything is left by which the host would undo something. */
  get left(): string[] {
    const unit = 'units/gw-drill-undo.service'
    const link = 'units/multi-user.target.wants/gw-drill-undo.service'
    return ["it's state/drill", unit, link, 'timer'].filter((path) => this.has(path))
  }

  /** How many points there were in the last program of those at which one can be killed. */
  get steps(): number {
    return this.has('steps') ? this.text('steps').length : 0
  }

  #program(path: string, text: string): void {
    this.put(path, text)
    chmodSync(this.at(path), 0o755)
  }

  #run(script: Script, killAt?: number): Promise<Ended> {
    rmSync(this.at('steps'), { force: true })
    const first = killAt === undefined ? 'fakes' : 'steps-bin'
    const environment = sh`
      GROUND=${this.dir} REST=$PATH KILL_AT=${killAt ?? 0} PATH=${this.at(first)}:$PATH
      export GROUND REST KILL_AT PATH`
    return run(lines([environment, shellLine(`exec sh -c ${sh`${script.text}`.text}`)]))
  }
}
