import { execOnHosts, type ExecReport } from '../engine/exec.js'
import type { Reach } from '../engine/session.js'
import { GwError } from '../errors.js'
import { backupName } from '../model/backup.js'
import type { Host } from '../model/host.js'
import { BACKUP_SCRIPT, NOTHING_TO_BACK_UP } from '../render/backup/script.js'
import { sh } from '../shell/script.js'
import { STORED, storedBackups } from './backup-list.js'
import { backupsText, fleetBackups } from './backup-view.js'
import type { CommandContext } from './base-command.js'
import { CollectedOutput } from './collected-output.js'
import type { FleetSelection } from './fleet-flags.js'
import { askedResult, loadGateways } from './gateways.js'
import type { Interrupts } from './interrupts.js'
import { requireGateway } from './require-gateway.js'
import type { CommandResult } from './result.js'

/** Has every gateway back itself up, all under one name. */
export async function runBackupCreate(
  selection: FleetSelection,
  context: CommandContext,
): Promise<CommandResult> {
  const gateways = await loadGateways(selection, context)
  const { fleet, reach } = gateways
  requireGateway(fleet.inventory, 'back up')
  const now = Date.now()
  const name = backupName(new Date(now))
  const making = { reach, forks: selection.forks, interrupts: context.interrupts, typed: fleet.typed }
  const failed = await makeBackups(name, gateways.hosts, making)
  const made = gateways.hosts.filter((host) => !failed.has(host.name))
  const { answers, errors } = await gateways.ask(made, () => [STORED])
  const backups = fleetBackups(storedBackups(answers)).filter((backup) => backup.name === name)
  return {
    ...askedResult(gateways, [...failed.values(), ...errors], context),
    text: backups.length === 0 ? '' : backupsText(backups, now, context.terminal.paintOut),
    data: { backups },
  }
}

interface Making {
  readonly reach: Reach
  readonly forks: number
  readonly interrupts: Interrupts
  /** What names the environment in a command to type. */
  readonly typed: string
}

/** Time for the locks that the script waits for, and for its copies. */
const DEADLINE_MS = 5 * 60_000
const MAX_OUTPUT_BYTES = 1024 * 1024

/** Runs the hosts' own script, and answers why it failed, by host. */
async function makeBackups(
  name: string,
  hosts: readonly Host[],
  { reach, forks, interrupts, typed }: Making,
): Promise<Map<string, GwError>> {
  const printed = new CollectedOutput()
  const reports = await execOnHosts(hosts, sh`${BACKUP_SCRIPT} ${name}`, {
    reach,
    forks,
    deadlineMs: DEADLINE_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    stop: interrupts.stop,
    abandon: interrupts.abandon,
    onOutput: (host, stream, bytes) => {
      printed.push(host, stream, bytes)
    },
  })
  return new Map(
    reports.flatMap((report) => {
      const failure = failureOf(report, printed.of(report.host).stderr, typed)
      return failure === null ? [] : [[report.host, failure]]
    }),
  )
}

/** Exit status of a shell that does not find the command. */
const NOT_FOUND = 127

function failureOf({ host, status, error }: ExecReport, printed: string, typed: string): GwError | null {
  if (error?.code !== 'COMMAND_FAILED') return error
  if (status === NOT_FOUND || status === NOTHING_TO_BACK_UP) {
    const missing = status === NOT_FOUND ? `${BACKUP_SCRIPT} is not there` : 'no release is published'
    return new GwError('COMMAND_FAILED', `no backup was made, since ${missing}`, {
      host,
      nextSteps: [`gw deploy ${typed}`],
    })
  }
  const message = `no backup was made: the script on the host ended with status ${status ?? 'unknown'}`
  return new GwError('COMMAND_FAILED', message, {
    host,
    ...(printed === '' ? {} : { frame: printed.trimEnd() }),
    nextSteps: ['Mend what it says and run the same command again; nothing was changed on this host.'],
  })
}
