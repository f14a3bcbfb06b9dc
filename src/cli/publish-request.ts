import type { SurveyedPlaybook } from '../engine/playbook.js'
import type { PublicationSettings } from '../release/publication-settings.js'
import type { PlaybookRequest } from './playbook-request.js'
import { requireGateway } from './require-gateway.js'

/** A playbook that publishes what lies on the hosts already. `verb` says what cannot be done without a gateway. */
export function publicationRequest(
  verb: string,
  unprotected: boolean,
  playbookOf: (settings: PublicationSettings) => SurveyedPlaybook,
): PlaybookRequest['playbookFor'] {
  return (inventory, { run, leaseMs }) => {
    const gateway = requireGateway(inventory, verb)
    return Promise.resolve({ playbook: playbookOf({ gateway, run, leaseMs, unprotected }), warnings: [] })
  }
}
