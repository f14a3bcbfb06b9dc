import type { SurveyedPlaybook } from '../src/engine/playbook.js'
import {
  checkStartable,
  lyingPublication,
  procedureTo,
  publicationQuestions,
  storesOf,
} from '../src/release/publication.js'
import type { PublicationSettings } from '../src/release/publication-settings.js'
import { rollbackTarget } from '../src/release/rollback-target.js'

/**
 * Publishes a release that lies on the hosts already, by the same steps as a deploy; `to` null is the last one that was
 * confirmed before this one. It needs nothing but the hosts, and touches none of them when the release could not start
 * today.
 */
export function rollback(settings: PublicationSettings, to: string | null): SurveyedPlaybook {
  let target: string | undefined
  return {
    name: 'rollback',
    hosts: settings.gateway.group,
    questions: publicationQuestions(settings),
    procedure: (survey) => {
      const stores = storesOf(survey)
      // What the first look found is what was agreed to: later the locks that were taken over have moved hosts.
      target ??= rollbackTarget(stores, to)
      const release = target
      const publish = lyingPublication(
        settings,
        stores,
        () => release,
        () => [checkStartable(release)],
      )
      return procedureTo(release, stores, [publish])
    },
  }
}
