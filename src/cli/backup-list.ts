import { backups } from '../facts/backups.js'
import { ask } from '../facts/fact.js'
import type { StoredBackup } from '../model/backup.js'
import { BACKUPS_FOLDER } from '../model/state-paths.js'
import { backupsText, fleetBackups } from './backup-view.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { askedResult, loadGateways, type Asked } from './gateways.js'
import type { CommandResult } from './result.js'

/** Which backups a host has. */
export const STORED = ask(backups, { folder: BACKUPS_FOLDER })

/** Shows the backups that lie on the gateways. */
export async function runBackupList(
  selection: FleetSelection,
  context: CommandContext,
): Promise<CommandResult> {
  const gateways = await loadGateways(selection, context)
  const { answers, errors } = await gateways.ask(gateways.hosts, () => [STORED])
  const listed = fleetBackups(storedBackups(answers))
  const none =
    answers.size === 0 ? '' : `There is no backup. gw backup create ${gateways.fleet.typed} makes one.`
  return {
    ...askedResult(gateways, errors, context),
    text: listed.length === 0 ? none : backupsText(listed, Date.now(), context.terminal.paintOut),
    data: { backups: listed },
  }
}

/** What every host has that answered. */
export function storedBackups(answers: Asked['answers']): Map<string, readonly StoredBackup[]> {
  return new Map([...answers].map(([host, answer]) => [host, answer.to(STORED)]))
}
