import { type LockedHost, releaseByHand } from '../engine/lock/by-hand.js'
import { lockHeld } from '../engine/lock/fleet-lock.js'
import { GwError } from '../errors.js'
import type { LockState } from '../model/lock.js'
import { audit } from '../operations/audit.js'
import { confirm } from '../ui/questions.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { askedResult, loadGateways } from './gateways.js'
import { lockOptions } from './lock-options.js'
import { lockedHosts } from './locked-hosts.js'
import { namingEnvironment } from './named-environment.js'
import type { CommandResult } from './result.js'

export interface LockReleaseRequest extends FleetSelection {
  /** Also the lock of a run that renews it. */
  readonly force: boolean
  readonly yes: boolean
}

const LEASE_MS = 60_000

/** Lets go what `gw lock acquire` took and what unfinished runs left; a lock that a run renews only by force. */
export async function runLockRelease(
  request: LockReleaseRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const gateways = await loadGateways(request, context)
  const { locked, errors } = await lockedHosts(gateways)
  const { reach, fleet } = gateways
  const { typed } = fleet
  await namingEnvironment(typed, () => mayRelease(locked, request, context))
  const hosts = locked.map(({ host }) => host)
  const options = lockOptions({ hosts, reason: 'to let it go', leaseMs: LEASE_MS, waitMs: 0 }, context)
  const { by, command } = options.holder
  const noteOf = ({ holder: { run, by: owner, reason } }: LockState) =>
    audit({ event: 'lock.released', run, owner, reason, by, command })
  await namingEnvironment(typed, () => releaseByHand(locked, reach, { ...options, noteOf }))
  const released = hosts.map(({ name }) => name)
  const asked = askedResult(gateways, errors, context)
  const changed = released.map((name) => [name, { outcome: 'changed' as const, changes: [] }] as const)
  return {
    ...asked,
    text: released.length === 0 ? 'No lock was held.' : `Let go: ${released.join(', ')}.`,
    hosts: { ...asked.hosts, ...Object.fromEntries(changed) },
  }
}

/** @throws GwError LOCK_HELD when a run renews one of the locks, unless it is to be forced and that is confirmed */
async function mayRelease(
  locked: readonly LockedHost[],
  { force, yes }: LockReleaseRequest,
  { terminal, interrupts }: CommandContext,
): Promise<void> {
  const running = locked.filter(({ lock }) => lock.leftSeconds > 0 && lock.holder.kind === 'run')
  const [first] = running
  if (first === undefined) return
  const held = lockHeld(first.host.name, first.lock)
  if (!force)
    throw held.withNextStep('gw lock release ENV --force lets it go all the same: that run fails then.')
  const names = running.map(({ host }) => host.name).join(', ')
  const question = `A run may be at work on ${names} and fails when its lock is let go. Let go?`
  if (yes || (await confirm(terminal, question, interrupts.stop))) return
  throw new GwError('CHANGES_DECLINED', 'no lock was let go', {
    nextSteps: ['gw lock status ENV shows who has the locks.'],
  })
}
