import { GwError } from '../errors.js'
import { BACKUP_NAME } from '../model/backup.js'
import { cleanLine } from '../shell/clean.js'

/** A backup's name as it was typed. @throws GwError USAGE unless it is one: nothing else may get near a path or a shell */
export function checkedBackup(typed: string): string {
  if (BACKUP_NAME.test(typed)) return typed
  const shown = JSON.stringify(cleanLine(typed).slice(0, 80))
  throw new GwError('USAGE', `${shown} is no name of a backup; nothing was contacted`, {
    nextSteps: [
      'Backups are named by their time, 20261121T020000Z; gw backup list ENV lists those that there are.',
    ],
  })
}
