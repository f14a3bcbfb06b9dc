import type { SurveyedPlaybook } from '../src/engine/playbook.js'
import type { PublicationSettings } from '../src/release/publication-settings.js'
import { resumeTargets } from '../src/release/settle-targets.js'
import { settle } from '../src/release/settling.js'

/** Brings the run that did not end to its end: its release on every host of it, by the same steps as a deploy. */
export function resume(settings: PublicationSettings): SurveyedPlaybook {
  return settle('resume', settings, resumeTargets)
}
