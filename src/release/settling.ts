import type { SurveyedPlaybook } from '../engine/playbook.js'
import { ask } from '../facts/fact.js'
import { lockState } from '../facts/lock-state.js'
import { STATE } from '../model/state-paths.js'
import {
  checkStartable,
  lyingPublication,
  procedureTo,
  publicationQuestions,
  storesOf,
} from './publication.js'
import type { Publication, PublicationSettings } from './publication-settings.js'
import type { SettleTargets } from './settle-targets.js'
import { unfinishedRun, type UnfinishedRun } from './unfinished-run.js'

/** Who may change a host now. */
export const LOCK = ask(lockState, { paths: STATE })

/**
 * The playbook that ends a run which did not: `targetsOf` says what each host is to have. What has something else gets it,
 * and the locks are let go in any case.
 */
export function settle(
  name: string,
  settings: PublicationSettings,
  targetsOf: (unfinished: UnfinishedRun, stores: Publication['stores']) => SettleTargets,
): SurveyedPlaybook {
  const questions = publicationQuestions(settings)
  let unfinished: UnfinishedRun | undefined
  return {
    name,
    hosts: settings.gateway.group,
    questions: (context) => [LOCK, ...questions(context)],
    procedure: (survey) => {
      const stores = storesOf(survey)
      const locks = Object.fromEntries([...survey].map(([host, answers]) => [host, answers.to(LOCK).lock]))
      // Once the locks are taken they say nothing of that run any more.
      unfinished ??= unfinishedRun(locks)
      const { release, targets } = targetsOf(unfinished, stores)
      const releaseOf = (host: string) => targets[host] ?? null
      const publish = lyingPublication(settings, stores, releaseOf, (own) => [checkStartable(own)])
      return { ...procedureTo(release, stores, [publish]), settles: true }
    },
  }
}
