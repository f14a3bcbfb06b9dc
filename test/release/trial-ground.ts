import { spawn, type ChildProcess } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { ask } from '../../src/facts/fact.js'
import { releaseStore } from '../../src/facts/release-store.js'
import type { ReleaseStore } from '../../src/model/release-store.js'
import { statePaths } from '../../src/model/state-paths.js'
import type { Decision } from '../../src/operations/operation.js'
import { confirmScript, revertNowScript } from '../../src/release/confirm.js'
import { publishRelease } from '../../src/release/publish.js'
import { revertScript } from '../../src/release/revert-script.js'
import { quote } from '../../src/shell/quote.js'
import { type Script, sh, shellLine } from '../../src/shell/script.js'
import { type Ended, answersOf, decideHere, run } from '../operations/local-shell.js'

export const RUN = '1a2b3c4d'
type Unit = 'nginx.service' | 'keepalived.service'

/** A unit is a file with its state and its main process; what is asked of systemd is written down. */
const SYSTEMCTL = `#!/bin/sh
verb=$1
for unit; do :; done
state=$GROUND/units/$unit
case $verb in
  show)
    [ -e "$state" ] || { printf 'ActiveState=inactive\\nMainPID=0\\n'; exit; }
    read -r active pid <"$state"
    [ "$pid" = 0 ] || [ -d "/proc/$pid" ] || active=failed pid=0
    printf 'ActiveState=%s\\nMainPID=%s\\n' "$active" "$pid"
    exit
    ;;
  is-active) exec grep -qs ^active "$state" ;;
esac
echo "$verb $unit" >>"$GROUND/calls"
[ ! -e "$GROUND/broken-$verb-$unit" ] || exit 1
case $verb,$unit in
  stop,*.timer) rm -f "$GROUND/timer" ;;
  start,*) echo active 1 >"$state" ;;
  stop,*) rm -f "$state" ;;
  reload,nginx.service) kill -s HUP "$(cut -d ' ' -f 2 "$state")" ;;
esac
`

const SYSTEMD_RUN = `#!/bin/sh
[ ! -e "$GROUND/broken-systemd-run" ] || { echo 'Failed to start transient timer unit'; exit 1; }
printf '%s\\n' "$*" >"$GROUND/timer"
`

/** A master with two workers. At SIGHUP it takes new ones and lets the old ones finish; when there is a file `gone` it ends. */
const NGINX = `
my $ground = shift;
sub worker { my $pid = fork; return $pid if $pid;
  $0 = 'nginx: worker process';
  $SIG{HUP} = 'IGNORE';
  $SIG{QUIT} = sub { $0 = 'nginx: worker process is shutting down' };
  sleep 1 while getppid != 1 && -d $ground; exit }
$SIG{CHLD} = 'IGNORE';
my @workers = (worker(), worker());
$SIG{HUP} = sub {
  if (-e "$ground/gone") {
    open my $log, '>>', "$ground/error.log";
    print $log "2026/11/21 16:30:00 [emerg] 7#7: bind() to 127.0.0.1:8081 failed\\n";
    kill TERM => @workers;
    exit }
  my @old = @workers; @workers = (worker(), worker()); kill QUIT => @old };
$0 = 'nginx: master process';
$| = 1; print "ready\\n";
sleep 1 while -d $ground;
kill TERM => @workers;
`

/** A host's state with the releases v1.2 (published) and v1.3, and a systemd and an NGINX that do what a test says. */
export class TrialGround {
  readonly dir = mkdtempSync(join(tmpdir(), 'gw-trial-'))
  readonly paths = statePaths(join(this.dir, "it's state"))
  readonly auditFile = join(this.dir, 'audit.jsonl')
  readonly trial = { name: 'v1.3', run: RUN, paths: this.paths, auditFile: this.auditFile }
  #nginx: ChildProcess | undefined

  constructor() {
    for (const folder of ['bin', 'units']) mkdirSync(this.at(folder))
    const programs = { systemctl: SYSTEMCTL, 'systemd-run': SYSTEMD_RUN }
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(this.at('bin', name), text)
      chmodSync(this.at('bin', name), 0o755)
    }
    this.#fill()
  }

  at(...path: string[]): string {
    return join(this.dir, ...path)
  }

  #fill(): void {
    for (const [name, text] of [
      ['v1.2', 'old'],
      ['v1.3', 'new'],
    ] as const) {
      for (const part of ['nginx', 'keepalived']) {
        mkdirSync(join(this.paths.releases, name, part), { recursive: true })
        writeFileSync(join(this.paths.releases, name, part, `${part}.conf`), `${text}\n`)
      }
      appendFileSync(
        join(this.paths.releases, name, 'nginx/nginx.conf'),
        `error_log ${this.at('error.log')} warn;\n`,
      )
    }
    symlinkSync(join(this.paths.releases, 'v1.2'), this.paths.current)
  }

  /** Leads to a release by hand. */
  lead(name: string): void {
    rmSync(this.paths.current)
    symlinkSync(join(this.paths.releases, name), this.paths.current)
  }

  remove(): void {
    this.#nginx?.kill('SIGKILL')
    rmSync(this.dir, { recursive: true })
  }

  /** Both units run from now on, NGINX as real processes. */
  async startUnits(): Promise<void> {
    const nginx = spawn('perl', ['-e', NGINX, this.dir], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#nginx = nginx
    await new Promise((resolve) => nginx.stdout.once('data', resolve))
    this.setUnit('nginx.service', `active ${nginx.pid ?? 0}`)
    this.setUnit('keepalived.service', 'active 1')
  }

  setUnit(unit: Unit, state: string): void {
    writeFileSync(this.at('units', unit), `${state}\n`)
  }

  /** A file that has a stub or the NGINX behave in another way. */
  mark(name: string): void {
    writeFileSync(this.at(name), '')
  }

  unmark(name: string): void {
    rmSync(this.at(name), { force: true })
  }

  /** What systemd was asked to do so far. */
  calls(): string[] {
    return existsSync(this.at('calls')) ? readFileSync(this.at('calls'), 'utf8').trim().split('\n') : []
  }

  decide(): Promise<Decision> {
    return decideHere(this.publishing())
  }

  publishing() {
    const store = ask(releaseStore, { paths: this.paths })
    return publishRelease({ ...this.trial, leaseSeconds: 30, store })
  }

  async publishScript(): Promise<Script> {
    const decision = await this.decide()
    if (decision.kind !== 'change') throw new Error(`nothing to publish: ${decision.reason}`)
    return decision.script
  }

  async publish(): Promise<Ended> {
    return this.run(await this.publishScript())
  }

  revert(by: string): Promise<Ended> {
    return this.run(sh`sh ${this.paths.trial}/revert ${by}`)
  }

  revertNow(patienceSeconds?: number): Promise<Ended> {
    return this.run(revertNowScript(this.trial, patienceSeconds))
  }

  confirmation(removal = sh`:`): Script {
    return confirmScript({ ...this.trial, removal })
  }

  confirm(removal?: Script): Promise<Ended> {
    return this.run(this.confirmation(removal))
  }

  run(script: Script): Promise<Ended> {
    const path = `PATH=${this.at('bin')}:${process.env['PATH'] ?? ''}`
    return run(script, undefined, ['env', path, `GROUND=${this.dir}`, 'setsid', '/bin/sh'])
  }

  /** Runs a script that is killed, with all it has started, before its command of that number. Null: it has fewer. */
  async killedBefore(script: Script, number: number): Promise<Ended | null> {
    // The text of trial/revert is a word of the script that publishes, and runs at another time.
    const revert = quote(revertScript(this.trial).text)
    let commands = 0
    const text = script.text
      .replace(revert, '@revert@')
      .replaceAll(COMMANDS, (indent) => (commands++ === number ? `${indent}kill -s KILL 0; ` : indent))
      .replace('@revert@', () => revert)
    const ended = await this.run(shellLine(text))
    return commands > number ? ended : null
  }

  store(): Promise<ReleaseStore> {
    return answersOf(releaseStore, [{ paths: this.paths }]).then(([store]) => {
      if (store === undefined) throw new Error('no answer')
      return store
    })
  }

  /** The host is on `name`, whole, with no trial; answers its store. */
  async expectSettled(name: string): Promise<ReleaseStore> {
    expect(readlinkSync(this.paths.current)).toBe(join(this.paths.releases, name))
    expect(existsSync(this.paths.trial)).toBe(false)
    expect(existsSync(this.at('timer'))).toBe(false)
    return this.store()
  }

  /** Names in the state folder. */
  names(): string[] {
    return readdirSync(this.paths.root).sort()
  }
}

/** Where a line begins with a command that changes something. */
const COMMANDS = /^( *)(?=(?:mkdir|cp|mv|ln|rm|systemctl|systemd-run|if is_active|restore) )/gm
