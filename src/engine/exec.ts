import pLimit from 'p-limit'
import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import { frame } from '../shell/frames.js'
import type { Script } from '../shell/script.js'
import { HostSession, type Reach } from './session.js'

export interface ExecOptions {
  readonly reach: Reach
  readonly forks: number
  readonly deadlineMs: number
  /** How many bytes a host may print before its command is ended. */
  readonly maxOutputBytes: number
  /** Output as it comes; bytes of one host in order, hosts mixed. */
  readonly onOutput: (host: string, stream: 'stdout' | 'stderr', bytes: Uint8Array) => void
  readonly signal: AbortSignal
}

/** How a command ended on a host: its exit status, or why there is none. */
export interface ExecReport {
  readonly host: string
  readonly status: number | null
  readonly error: GwError | null
}

/** Runs one script on every host, as many at once as `forks` says; the end on one host does not touch the others. */
export async function execOnHosts(
  hosts: readonly Host[],
  script: Script,
  options: ExecOptions,
): Promise<ExecReport[]> {
  const limit = pLimit(options.forks)
  return Promise.all(hosts.map((host) => limit(() => execOnHost(host, script, options))))
}

async function execOnHost(host: Host, script: Script, options: ExecOptions): Promise<ExecReport> {
  const { reach, deadlineMs, maxOutputBytes, signal, onOutput } = options
  const session = new HostSession(host, reach)
  const end: { status: number | null } = { status: null }
  const listener = {
    onText: (bytes: Uint8Array) => {
      onOutput(host.name, 'stdout', bytes)
    },
    onStderr: (bytes: Uint8Array) => {
      onOutput(host.name, 'stderr', bytes)
    },
    onFrame: (words: readonly string[]) => {
      end.status = Number(words[1])
    },
  }
  try {
    await session.run({ text: `(\n${script.text}\n)\n${frame('exit "$?"')}` }, listener, {
      deadlineMs,
      maxOutputBytes,
      signal,
    })
    return {
      host: host.name,
      status: end.status,
      error: end.status === 0 ? null : commandFailed(host.name, end.status),
    }
  } catch (error) {
    if (error instanceof GwError) return { host: host.name, status: end.status, error }
    throw error
  } finally {
    await session.close()
  }
}

function commandFailed(host: string, status: number | null): GwError {
  return new GwError('COMMAND_FAILED', `the command ended with status ${status ?? 'unknown'}`, {
    host,
    nextSteps: ['What it printed is above; the other hosts are not touched by it.'],
  })
}
