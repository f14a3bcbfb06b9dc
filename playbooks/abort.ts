import type { SurveyedPlaybook } from '../src/engine/playbook.js'
import type { PublicationSettings } from '../src/release/publication-settings.js'
import { abortTargets } from '../src/release/settle-targets.js'
import { settle } from '../src/release/settling.js'

/** Takes back what a run left that did not end: every host of it gets what it had before, by the same steps as a deploy. */
export function abort(settings: PublicationSettings): SurveyedPlaybook {
  return settle('abort', settings, abortTargets)
}
