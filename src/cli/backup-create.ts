import { execOnHosts, type ExecReport } from '../engine/exec.js'
import type { Reach } from '../engine/session.js'
import { EXIT, GwError } from '../errors.js'
import { backupName } from '../model/backup.js'
import type { Host } from '../model/host.js'
import { BACKUP_SCRIPT, NOTHING_TO_BACK_UP } from '../render/backup/script.js'
import { sh } from '../shell/script.js'
import { hostsWith, storedBackups } from './backup-list.js'
import { backupsText, fleetBackups } from './backup-view.js'
import type { CommandContext } from './base-command.js'
import { CollectedOutput } from './collected-output.js'
import type { FleetSelection } from './fleet-flags.js'
import { openReach } from './fleet.js'
import { loadGateways } from './gateway-fleet.js'
import type { Interrupts } from './interrupts.js'
import { gravestExit, type CommandResult } from './result.js'

/** Has every gateway back itself up, all under one name. */
export async function runBackupCreate(
  selection: FleetSelection,
  { interrupts, terminal }: CommandContext,
): Promise<CommandResult> {
  const { inventory, hosts, typed } = await loadGateways(selection, 'back up')
  const { forks } = selection
  const reach = openReach({ environment: typed, signal: interrupts.stop })
  const now = Date.now()
  const name = backupName(new Date(now))
  const failed = await makeBackups(name, hosts, { reach, forks, interrupts, typed })
  const made = hosts.filter((host) => !failed.has(host.name))
  const { found, errors: unasked } = await storedBackups(made, { reach, forks, signal: interrupts.stop })
  const errors = new Map([...failed, ...unasked])
  const backups = fleetBackups(found).filter((backup) => backup.name === name)
  return {
    exitCode: interrupts.stop.aborted ? EXIT.interrupted : gravestExit([...errors.values()]),
    environment: inventory.environment,
    text: backups.length === 0 ? '' : backupsText(backups, now, terminal.paintOut),
    hosts: hostsWith('changed', hosts, errors),
    errors: [...errors.values()],
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
    frame: printed.trimEnd(),
    nextSteps: ['Mend what it says and run the same command again; nothing was changed on this host.'],
  })
}
