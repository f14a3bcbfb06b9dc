import { questionsOf, task, type SurveyedPlaybook } from '../src/engine/playbook.js'
import { STATE } from '../src/model/state-paths.js'
import {
  currentOf,
  keepEdits,
  publicationOf,
  publicationPlay,
  STORE,
  storesOf,
  unconfirmedOf,
} from '../src/release/publication.js'
import type { PublicationSettings } from '../src/release/publication-settings.js'
import { rollbackTarget } from '../src/release/rollback-target.js'
import { startable } from '../src/release/startable.js'

/**
 * Publishes a release that lies on the hosts already, by the same steps as a deploy; `to` null is the last one that was
 * confirmed before this one. It needs nothing but the hosts, and touches none of them when the release could not start
 * today.
 */
export function rollback(settings: PublicationSettings, to: string | null): SurveyedPlaybook {
  const { group } = settings.gateway
  let target: string | undefined
  return {
    name: 'rollback',
    hosts: group,
    questions: (context) => [
      STORE,
      ...questionsOf(
        [
          publicationPlay(
            publicationOf(settings, {}, () => 'v0.0'),
            () => [keepEdits()],
          ),
        ],
        context,
      ),
    ],
    procedure: (survey) => {
      const stores = storesOf(survey)
      // What the first look found is what was agreed to: later the locks that were taken over have moved hosts.
      target ??= rollbackTarget(stores, to)
      const release = target
      const check = task(
        `Make sure that ${release} can start`,
        startable({ release, paths: STATE, store: STORE }),
      )
      const publish = publicationPlay(
        publicationOf(settings, stores, () => release),
        () => [check, keepEdits()],
      )
      return { plays: [publish], release, before: currentOf(stores), unconfirmed: unconfirmedOf(stores) }
    },
  }
}
