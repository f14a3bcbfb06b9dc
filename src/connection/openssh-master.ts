import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { closed } from './deadline.js'

/**
 * Runs ssh and ends it when our end of standard input closes: by `close`, or because gw itself is gone, however it went.
 * Then the folder goes, too. A finished ssh is reported before, so that its log can still be read.
 */
const KEEPER = `
exec 3<&0 </dev/null
folder=$1; shift
ssh "$@" 3<&- &
ssh=$!
{ cat <&3; kill "$ssh"; rm -f "$folder"/*; rmdir "$folder"; } >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$ssh"
code=$?
kill "$watch"
exit "$code"
`

const STDERR_LENGTH = 16_384
const SHORT_AND_PLAIN = /^[A-Za-z0-9_./-]{1,60}$/

/** A private folder (0700) below `parent`, or below /tmp when a socket's path there is too long or needs quoting. */
export function privateFolder(parent: string): Promise<string> {
  return mkdtemp(join(SHORT_AND_PLAIN.test(parent) ? parent : '/tmp', 'gw-ssh-'))
}

/** What ssh wrote: its trace, its own errors, and those of the ssh that goes through a jump host. */
export interface MasterReport {
  readonly trace: string
  readonly errors: string
  readonly jumpErrors: string
}

/** An ssh process that holds a connection open for others to use through its socket. */
export class Master {
  readonly socket: string
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #log: string
  #stderr = ''
  /** Fulfils when the process is gone; never rejects. */
  readonly exited: Promise<void>

  /** Starts ssh with `args` (settings and host); `folder` is removed by `close`. */
  constructor(
    readonly folder: string,
    args: readonly string[],
  ) {
    this.socket = join(folder, 's')
    this.#log = join(folder, 'log')
    const own = ['-N', '-T', '-o', 'LogLevel=DEBUG1', '-E', this.#log, '-o', `ControlPath=${this.socket}`]
    this.#child = spawn('/bin/sh', ['-c', KEEPER, 'gw-ssh', folder, ...own, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // In a session of its own: Ctrl-C is for gw, which may still need the connection to end in order.
      detached: true,
      env: { ...process.env, SHELL: '/bin/sh' },
    })
    this.#child.stdin.on('error', () => undefined)
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(0, STDERR_LENGTH)
    })
    this.exited = new Promise((resolve) => {
      this.#child.once('error', () => {
        resolve()
      })
      this.#child.once('exit', () => {
        resolve()
      })
    })
  }

  /** Fulfils with true when the connection is authenticated, with false when ssh ended instead. */
  async ready(): Promise<boolean> {
    const said = new Promise<true>((resolve) => {
      this.#child.stdout.once('data', () => {
        resolve(true)
      })
    })
    return Promise.race([said, this.exited.then(() => false)])
  }

  /** What was written so far. */
  async report(): Promise<MasterReport> {
    const log = await readFile(this.#log, 'utf8').catch(() => '')
    const errors = log.split('\n').filter((line) => !/^debug\d: /.test(line))
    return { trace: log, errors: errors.join('\n'), jumpErrors: this.#stderr }
  }

  /** Ends ssh and removes the folder; never throws. */
  async close(): Promise<void> {
    this.#child.stdin.destroy()
    await closed(this.exited)
    if (this.#child.exitCode === null && this.#child.signalCode === null) killGroup(this.#child.pid)
    await rm(this.folder, { recursive: true, force: true }).catch(() => undefined)
  }
}

/** Kills a process that leads a group of its own, with all its children; nothing happens when it is gone. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in the group.
  }
}
