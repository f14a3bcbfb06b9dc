import { $ } from 'zx'

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
}

/** Runs a command of this machine, each word quoted by zx; whatever its exit code, that is a result and not an error. */
export async function runLocally(words: readonly string[], options: LocalOptions = {}): Promise<LocalResult> {
  const shell = $({
    quiet: true,
    nothrow: true,
    input: '',
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
  })
  const { exitCode, stdout, stderr } = await shell`${words}`
  return { exitCode, stdout, stderr }
}

/** Runs a command with this process's terminal; answers its exit code, or 255 when a signal ended it. */
export async function runInTerminal(words: readonly string[]): Promise<number> {
  const { exitCode } = await $({ quiet: true, nothrow: true, stdio: 'inherit', detached: false })`${words}`
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
