import { askHosts } from '../engine/ask.js'
import { outcomeOfError } from '../engine/report.js'
import type { Reach } from '../engine/session.js'
import { GwError } from '../errors.js'
import { backups } from '../facts/backups.js'
import { ask } from '../facts/fact.js'
import type { StoredBackup } from '../model/backup.js'
import type { Host } from '../model/host.js'
import type { Outcome } from '../model/outcome.js'
import { BACKUPS_FOLDER } from '../model/state-paths.js'
import { backupsText, fleetBackups } from './backup-view.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { openReach } from './fleet.js'
import { loadGateways } from './gateway-fleet.js'
import { gravestExit, hostError, type CommandResult, type HostResult } from './result.js'

/** Shows the backups that lie on the gateways. */
export async function runBackupList(
  selection: FleetSelection,
  { interrupts, terminal }: CommandContext,
): Promise<CommandResult> {
  const { inventory, hosts, typed } = await loadGateways(selection, 'list')
  const reach = openReach({ environment: typed, signal: interrupts.stop })
  const { found, errors } = await storedBackups(hosts, {
    reach,
    forks: selection.forks,
    signal: interrupts.stop,
  })
  const listed = fleetBackups(found)
  const none = found.size === 0 ? '' : `There is no backup. gw backup create ${typed} makes one.`
  return {
    exitCode: gravestExit([...errors.values()]),
    environment: inventory.environment,
    text: listed.length === 0 ? none : backupsText(listed, Date.now(), terminal.paintOut),
    hosts: hostsWith('ok', hosts, errors),
    errors: [...errors.values()],
    data: { backups: listed },
  }
}

interface Asking {
  readonly reach: Reach
  readonly forks: number
  readonly signal: AbortSignal
}

/** What every host has, and the errors of those that could not be asked. */
export async function storedBackups(
  hosts: readonly Host[],
  asking: Asking,
): Promise<{ found: Map<string, readonly StoredBackup[]>; errors: Map<string, GwError> }> {
  const question = ask(backups, { folder: BACKUPS_FOLDER })
  const found = new Map<string, readonly StoredBackup[]>()
  const errors = new Map<string, GwError>()
  for (const [host, answers] of await askHosts(hosts, () => [question], asking)) {
    if (answers instanceof GwError) errors.set(host, answers)
    else found.set(host, answers.to(question))
  }
  return { found, errors }
}

/** Hosts as `--json` shows them: those without an error with `outcome`. */
export function hostsWith(
  outcome: Outcome,
  hosts: readonly Host[],
  errors: ReadonlyMap<string, GwError>,
): Record<string, HostResult> {
  return Object.fromEntries(
    hosts.map(({ name }) => {
      const error = errors.get(name) ?? null
      const ended = error === null ? outcome : outcomeOfError(error)
      return [name, { outcome: ended, changes: [], ...hostError(error) }]
    }),
  )
}
