import { play, task, type SurveyedPlaybook } from '../src/engine/playbook.js'
import { nextRelease } from '../src/model/release.js'
import { BACKUPS_FOLDER, STATE } from '../src/model/state-paths.js'
import type { ReleaseMeta } from '../src/release/manifest.js'
import {
  lyingPublication,
  procedureTo,
  publicationQuestions,
  STORE,
  storesOf,
} from '../src/release/publication.js'
import type { PublicationSettings } from '../src/release/publication-settings.js'
import { stageFromBackup } from '../src/release/stage-from-backup.js'
import { testRelease } from '../src/release/test-release.js'

/** What a restore was asked for. */
export interface RestoreIntent {
  /** Matches BACKUP_NAME. */
  readonly backup: string
  readonly meta: Pick<ReleaseMeta, 'createdAt' | 'by' | 'gw'>
}

/**
 * Makes a backup a new release, and publishes that by the same steps as a deploy: tested on every host before any of them
 * publishes it. A backup that is not whole on all of them is refused before a host is touched.
 */
export function restore(settings: PublicationSettings, { backup, meta }: RestoreIntent): SurveyedPlaybook {
  const { gateway, run } = settings
  return {
    name: 'restore',
    hosts: gateway.group,
    questions: publicationQuestions(settings),
    procedure: (survey) => {
      const stores = storesOf(survey)
      const name = nextRelease(
        Object.values(stores).flatMap(({ releases }) => releases.map((each) => each.name)),
      )
      const place = { folder: BACKUPS_FOLDER, name: backup }
      const staging = { name, backup: place, paths: STATE, store: STORE, meta, run, test: testRelease }
      const stage = play({
        name: 'Stage',
        hosts: gateway.group,
        tasks: () => [task(`Stage ${name} from the backup ${backup}`, stageFromBackup(staging))],
      })
      return procedureTo(name, stores, [stage, lyingPublication(settings, stores, () => name)])
    },
  }
}
