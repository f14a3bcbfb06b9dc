import type { SurveyedPlaybook } from '../src/engine/playbook.js'
import { storesOf } from '../src/release/publication.js'
import type { PublicationSettings } from '../src/release/publication-settings.js'
import { resumeTargets } from '../src/release/settle-targets.js'
import { locksOf, settleQuestions, settling } from '../src/release/settling.js'
import { unfinishedRun, type UnfinishedRun } from '../src/release/unfinished-run.js'

/** Brings the run that did not end to its end: its release on every host of it, by the same steps as a deploy. */
export function resume(settings: PublicationSettings): SurveyedPlaybook {
  let unfinished: UnfinishedRun | undefined
  return {
    name: 'resume',
    hosts: settings.gateway.group,
    questions: settleQuestions(settings),
    procedure: (survey) => {
      const stores = storesOf(survey)
      // Once the locks are taken they say nothing of that run any more.
      unfinished ??= unfinishedRun(locksOf(survey))
      const { release, targets } = resumeTargets(unfinished, stores)
      return { ...settling(settings, stores, targets), release }
    },
  }
}
