import { acquireByHand } from '../engine/lock/by-hand.js'
import { formatDuration } from '../inventory/duration.js'
import { audit } from '../operations/audit.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { askedResult, loadGateways } from './gateways.js'
import { lockOptions } from './lock-options.js'
import { namingEnvironment } from './named-environment.js'
import type { CommandResult } from './result.js'

export interface LockAcquireRequest extends FleetSelection {
  readonly reason: string
  /** How long the lock lasts. */
  readonly forMs: number
  readonly lockWaitMs: number
}

/** Takes the lock of every gateway for a person, without a run. */
export async function runLockAcquire(
  request: LockAcquireRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const gateways = await loadGateways(request, context)
  const { fleet, hosts, reach } = gateways
  const { reason, forMs, lockWaitMs } = request
  const options = lockOptions({ hosts, reason, leaseMs: forMs, waitMs: lockWaitMs }, context)
  const { run, by, command } = options.holder
  const note = audit({ event: 'lock.acquired', run, by, command, reason })
  await namingEnvironment(fleet.typed, () => acquireByHand(hosts, reach, { ...options, note }))
  const names = hosts.map(({ name }) => name)
  return {
    ...askedResult(gateways, [], context),
    text: `Locked for ${formatDuration(forMs)}: ${names.join(', ')}. gw lock release ${fleet.typed} lets go.`,
    hosts: Object.fromEntries(names.map((name) => [name, { outcome: 'changed', changes: [] }])),
  }
}
