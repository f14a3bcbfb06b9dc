import { execOnHosts, type ExecReport } from '../engine/exec.js'
import { outcomeOfError } from '../engine/report.js'
import { EXIT, GwError, type ExitCode } from '../errors.js'
import type { Outcome } from '../model/outcome.js'
import { sh, shellLine, type Script } from '../shell/script.js'
import { PrefixedOutput } from '../ui/prefixed-output.js'
import type { CommandContext } from './base-command.js'
import { CollectedOutput } from './collected-output.js'
import type { FleetSelection } from './fleet-flags.js'
import { hostsNamed, loadFleet, openReach } from './fleet.js'
import { gravestExit, hostError, type CommandResult } from './result.js'

export interface ExecCommand extends FleetSelection {
  /** The hosts to run on, as a pattern of host and group names. */
  readonly pattern: string
  /** One word is a shell line; several are a command and its arguments, passed on exactly. */
  readonly words: readonly string[]
  readonly timeoutMs: number
}

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024

/** Runs a command on hosts from the command line. */
export async function runExecCommand(command: ExecCommand, context: CommandContext): Promise<CommandResult> {
  const { inventory, hosts: allowed, typed } = await loadFleet(command)
  const hosts = hostsNamed(inventory, command.pattern, typed).filter((host) => allowed.includes(host))
  if (hosts.length === 0) throw nothingSelected(command, typed)
  const names = hosts.map(({ name }) => name)
  const collected = new CollectedOutput()
  const shown = new PrefixedOutput(context.terminal, names)
  const reports = await execOnHosts(hosts, scriptOf(command.words), {
    reach: openReach({ environment: typed, signal: context.interrupts.stop }),
    forks: command.forks,
    deadlineMs: command.timeoutMs,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    stop: context.interrupts.stop,
    abandon: context.interrupts.abandon,
    onOutput: (host, stream, bytes) => {
      if (context.json) collected.push(host, stream, bytes)
      else shown.push(host, stream, bytes)
    },
  })
  shown.end()
  return {
    exitCode: exitCode(reports, context.interrupts.stop.aborted),
    environment: inventory.environment,
    text: '',
    hosts: Object.fromEntries(
      reports.map((report) => [
        report.host,
        { outcome: outcomeOf(report), changes: [], ...hostError(report.error) },
      ]),
    ),
    errors: reports.flatMap(({ error }) => (error === null ? [] : [error])),
    data: {
      output: Object.fromEntries(
        reports.map(({ host, status }) => [host, { status, ...collected.of(host) }]),
      ),
    },
  }
}

/** A single word is what the user wrote for a shell; it is theirs to quote. */
function scriptOf(words: readonly string[]): Script {
  const [line] = words
  return words.length === 1 && line !== undefined ? shellLine(line) : sh`command -- ${words}`
}

function outcomeOf({ error }: ExecReport): Outcome {
  return error === null ? 'changed' : outcomeOfError(error)
}

function exitCode(reports: readonly ExecReport[], interrupted: boolean): ExitCode {
  return interrupted ? EXIT.interrupted : gravestExit(reports.map(({ error }) => error))
}

function nothingSelected({ pattern, limit }: ExecCommand, typed: string): GwError {
  const message = `no host is both in ${JSON.stringify(pattern)} and in --limit ${JSON.stringify(limit)}`
  return new GwError('UNKNOWN_HOST_OR_GROUP', message, { nextSteps: [`gw inventory show ${typed}`] })
}
