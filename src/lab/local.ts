import { $ } from 'zx'
import { GwError } from '../errors.js'

/** What long work on a lab tells its user, a line at a time, and how it is told to stop. */
export interface LabWork {
  readonly report: (line: string) => void
  readonly signal: AbortSignal
}

/** How a command on this machine ended; `exitCode` is null when it was ended from outside or took too long. */
export interface LocalResult {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface LocalOptions {
  readonly cwd?: string
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds; without it there is no limit. */
  readonly timeoutMs?: number
  /** Ends the command. */
  readonly signal?: AbortSignal
}

/**
 * Runs a command of this machine, each word quoted by zx; whatever its exit code, that is a result and not an error.
 * @throws GwError INTERRUPTED when the signal ended it.
 */
export async function runLocally(words: readonly string[], options: LocalOptions = {}): Promise<LocalResult> {
  const shell = $({
    quiet: true,
    nothrow: true,
    input: '',
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const { exitCode, stdout, stderr } = await shell`${words}`
  checkInterrupt(options.signal)
  return { exitCode, stdout, stderr }
}

/** @throws GwError INTERRUPTED when `signal` says so. */
export function checkInterrupt(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new GwError('INTERRUPTED', 'interrupted; what was made so far stays', {
    nextSteps: ['Run the same command again to go on, or gw lab down to remove the lab.'],
  })
}

/**
 * Runs a command in this process's terminal, its standard output going to ours or to our standard error.
 * Answers its exit code, or 255 when a signal ended it.
 */
export async function runInTerminal(words: readonly string[], output: 'stdout' | 'stderr'): Promise<number> {
  const stdio = ['inherit', output === 'stdout' ? 'inherit' : process.stderr, 'inherit'] as const
  const { exitCode } = await $({ quiet: true, nothrow: true, stdio: [...stdio], detached: false })`${words}`
  return exitCode ?? 255
}

/** The last lines of what a command said, for an error's frame. */
export function lastLines(result: LocalResult, count = 20): string {
  return `${result.stdout}\n${result.stderr}`
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n')
}
