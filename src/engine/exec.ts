import pLimit from 'p-limit'
import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import { frame } from '../shell/frames.js'
import type { Script } from '../shell/script.js'
import { RemoteCommand } from './remote-command.js'
import { HostSession, type Reach } from './session.js'

export interface ExecOptions {
  readonly reach: Reach
  readonly forks: number
  /** How long the command may take, in milliseconds; past it it is ended on the host. */
  readonly deadlineMs: number
  /** How many bytes a host may print before its command is ended. */
  readonly maxOutputBytes: number
  /** Output as it comes; bytes of one host in order, hosts mixed. */
  readonly onOutput: (host: string, stream: 'stdout' | 'stderr', bytes: Uint8Array) => void
  /** Ends the commands on the hosts. */
  readonly stop: AbortSignal
  /** Lets go of the hosts at once. */
  readonly abandon: AbortSignal
}

/** How a command ended on a host: its exit status, or why there is none. */
export interface ExecReport {
  readonly host: string
  readonly status: number | null
  readonly error: GwError | null
}

/** Time for a command that is being ended to do so. */
const GRACE_MS = 15_000

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
  const session = new HostSession(host, options.reach)
  const command = new RemoteCommand(session, options)
  try {
    const limits = {
      deadlineMs: options.deadlineMs + GRACE_MS,
      maxOutputBytes: options.maxOutputBytes,
      signal: command.signal,
    }
    await session.run({ text: compileCommand(script) }, listenerFor(host.name, command, options), limits)
    return { host: host.name, status: command.status, error: command.failure() }
  } catch (error) {
    if (error instanceof GwError) return { host: host.name, status: command.status, error }
    throw error
  } finally {
    command.dispose()
    await session.close()
  }
}

/** In the background, so that it can be ended; it says which process it is before it prints anything of its own. */
function compileCommand(script: Script): string {
  return `(
read -r gw_process gw_rest </proc/self/stat
${frame('process "$gw_process"')}
unset gw_process gw_rest
${script.text}
) &
wait "$!"
${frame('exit "$?"')}`
}

function listenerFor(host: string, command: RemoteCommand, { onOutput }: ExecOptions) {
  return {
    onText: (bytes: Uint8Array) => {
      onOutput(host, 'stdout', bytes)
    },
    onStderr: (bytes: Uint8Array) => {
      onOutput(host, 'stderr', bytes)
    },
    onFrame: ([kind, value]: readonly string[]) => {
      if (kind === 'process') command.started(Number(value))
      else command.ended(Number(value))
    },
  }
}
