import type { SurveyedPlaybook } from '../engine/playbook.js'
import type { Gateway } from '../model/gateway.js'
import type { Certificate } from '../model/tls.js'
import type { DeployIntent, DriftPolicy } from '../release/deploy-plan.js'
import type { CommandContext } from './base-command.js'
import { certificatesOf } from './certificates.js'
import { gitCommit } from './git-commit.js'
import type { PlaybookRequest } from './playbook-request.js'
import { checkedRelease } from './release-name.js'
import { requireGateway } from './require-gateway.js'

/** What a deploy was asked for beside what every playbook is. */
export interface DeployWish {
  readonly release: string | undefined
  readonly drift: DriftPolicy
  readonly unprotected: boolean
}

type DeployPlaybook = (
  gateway: Gateway,
  certificates: readonly Certificate[],
  intent: DeployIntent,
) => SurveyedPlaybook

/**
 * A deploy of the inventory's gateway with its certificates: what clients would not accept is refused before a host is
 * contacted. It throws USAGE without a gateway or for a release's name, CERTIFICATE_INVALID, and what fetching a key throws.
 */
export function deployOf(
  playbookOf: DeployPlaybook,
  wish: DeployWish,
  { interrupts, version }: Pick<CommandContext, 'interrupts' | 'version'>,
): PlaybookRequest['playbookFor'] {
  return async (inventory, { run, by, leaseMs }) => {
    const release = wish.release === undefined ? null : checkedRelease(wish.release)
    const gateway = requireGateway(inventory, 'deploy')
    const [{ certificates, warnings }, commit] = await Promise.all([
      certificatesOf(gateway, inventory, interrupts.stop),
      gitCommit(inventory.file),
    ])
    const createdAt = new Date().toISOString()
    const meta = { origin: 'deploy', createdAt, by, commit, gw: version, domain: gateway.domain } as const
    const { drift, unprotected } = wish
    const intent = { run, leaseMs, unprotected, release, drift, meta }
    return { playbook: playbookOf(gateway, certificates, intent), warnings }
  }
}
