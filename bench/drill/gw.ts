import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { projectDir } from '../../src/lab/project-dir.js'

export interface GwOptions {
  /** Where gw keeps its journals and drills. */
  readonly stateFolder: string
  /** When it is killed, in milliseconds. */
  readonly timeoutMs: number
  /** Interrupts it as Ctrl-C does; it is waited for. */
  readonly stop: AbortSignal
}

export interface GwEnd {
  /** Null when it was killed. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs gw as a whole process, to its end. */
export async function runGw(
  words: readonly string[],
  { stateFolder, timeoutMs, stop }: GwOptions,
): Promise<GwEnd> {
  // In a group of its own: a terminal would interrupt it as well, and a second interrupt makes it leave things as they are.
  const child = spawn(process.execPath, [join(projectDir(), 'bin/run.js'), ...words], {
    env: { ...process.env, XDG_STATE_HOME: stateFolder },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const interrupt = (): void => {
    child.kill('SIGINT')
  }
  stop.addEventListener('abort', interrupt, { once: true })
  if (stop.aborted) interrupt()
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text))
  try {
    return await new Promise<GwEnd>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (status) => {
        resolve({ status, ...said })
      })
    })
  } finally {
    stop.removeEventListener('abort', interrupt)
  }
}
