import { runOverFreshConnection } from '../engine/fresh-program.js'
import type { LockedHost } from '../engine/lock/by-hand.js'
import { lockHeld } from '../engine/lock/fleet-lock.js'
import { renewScript } from '../engine/lock/scripts.js'
import { endScopes } from '../engine/scope.js'
import type { Reach } from '../engine/session.js'
import { GwError } from '../errors.js'
import type { LockState } from '../model/lock.js'
import { STATE } from '../model/state-paths.js'
import { newestRun } from '../release/unfinished-run.js'
import { sh, type Script } from '../shell/script.js'
import { confirm } from '../ui/questions.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { loadGateways } from './gateways.js'
import { lockedHosts } from './locked-hosts.js'
import { namingEnvironment } from './named-environment.js'

/**
 * Ends what a run still does on hosts: everything that it started there is ended, and its lease is over. What it left is
 * taken back by whoever takes the locks next. Asks first when that run is alive; other runs are left alone.
 * @throws GwError LOCK_HELD when a person has a lock, CHANGES_DECLINED, TASK_FAILED when something of it cannot be ended, or why a host cannot be reached
 */
export async function endRun(
  request: FleetSelection & { readonly yes: boolean },
  context: CommandContext,
): Promise<void> {
  const gateways = await loadGateways(request, context)
  const { locked } = await lockedHosts(gateways)
  const { fleet, reach } = gateways
  await namingEnvironment(fleet.typed, () => endNewest(locked, reach, request.yes, context))
}

async function endNewest(
  held: readonly LockedHost[],
  reach: Reach,
  yes: boolean,
  context: CommandContext,
): Promise<void> {
  refuseByHand(held)
  const settled = newestRun(Object.fromEntries(held.map(({ host, lock }) => [host.name, lock])))
  const own = held.filter(({ lock }) => lock.holder.run === settled?.holder.run)
  const alive = own.find(({ lock }) => lock.leftSeconds > 0)
  if (alive !== undefined && !yes && !(await mayEnd(alive.lock, context))) {
    throw new GwError('CHANGES_DECLINED', 'nothing was ended', {
      nextSteps: ['gw lock status ENV shows who is at work.'],
    })
  }
  await Promise.all(
    own.map(({ host, lock }) =>
      runOverFreshConnection({
        host,
        reach,
        script: endScript(lock),
        guard: null,
        deadlineMs: 60_000,
        signal: context.interrupts.abandon,
      }),
    ),
  )
}

/** What a person holds is no run's, and not for a run to end. @throws GwError LOCK_HELD */
function refuseByHand(held: readonly LockedHost[]): void {
  const byHand = held.find(({ lock }) => lock.holder.kind === 'hand' && lock.leftSeconds > 0)
  if (byHand !== undefined) throw lockHeld(byHand.host.name, byHand.lock)
}

/** First what it started, so that nothing of it changes a host any more when the next run takes the lock. */
function endScript({ holder: { run }, token, leftSeconds }: LockState): Script {
  const end = leftSeconds > 0 ? renewScript(STATE, { run, token }, 0) : sh`:`
  return sh`
    ${endScopes(run)}
    ${end}`
}

function mayEnd({ holder }: LockState, { terminal, interrupts }: CommandContext): Promise<boolean> {
  const { run, command, by, since } = holder
  const question = `Run ${run} (${command} by ${by}, since ${since}) is still alive. End it, and take back what it did?`
  return confirm(terminal, question, interrupts.stop)
}
