import { GwError } from '../../errors.js'
import type { Host } from '../../model/host.js'
import type { Holder, LockState } from '../../model/lock.js'
import { STATE } from '../../model/state-paths.js'
import { HostSession, type Reach } from '../session.js'
import { FleetLock, type LockOptions } from './fleet-lock.js'
import { releaseLock } from './host-lock.js'
import { holderText } from './scripts.js'

/** What a person types to lock hosts without a run. Such a lock has no heartbeat: its lease is as long as was asked for. */
export const ACQUIRE_COMMAND = 'gw lock acquire'

/** Whether no run stands behind a lock. */
export function isByHand({ command }: Holder): boolean {
  return command === ACQUIRE_COMMAND || command.startsWith(`${ACQUIRE_COMMAND} `)
}

/** Takes the locks of hosts and leaves them. @throws GwError as `FleetLock.acquire` */
export async function acquireByHand(
  hosts: readonly Host[],
  reach: Reach,
  options: LockOptions,
): Promise<void> {
  await withSessions(hosts, reach, async (sessions) => {
    const lock = await FleetLock.acquire(sessions, options)
    lock.keep()
  })
}

/** A host with the lock that was seen on it. */
export interface LockedHost {
  readonly host: Host
  readonly lock: LockState
}

/**
 * Lets locks go. One whose lease is over is taken over first, so that what its run did not confirm is undone.
 * @throws GwError LOCK_HELD when a lock has changed hands since it was seen, or why a host cannot be reached
 */
export async function releaseByHand(
  locked: readonly LockedHost[],
  reach: Reach,
  options: LockOptions,
): Promise<void> {
  const over = locked.filter(({ lock }) => lock.leftSeconds <= 0).map(({ host }) => host)
  await withSessions(over, reach, async (sessions) => {
    const lock = await FleetLock.acquire(sessions, options)
    await lock.release()
  })
  const live = locked.filter(({ lock }) => lock.leftSeconds > 0)
  await Promise.all(
    live.map(({ host, lock }) =>
      withSessions([host], reach, async ([session]) => {
        if (session !== undefined) await releaseSeen(session, lock, options)
      }),
    ),
  )
}

async function releaseSeen(
  session: HostSession,
  { holder, token }: LockState,
  { paths = STATE }: LockOptions,
): Promise<void> {
  const end = await releaseLock(session, paths, { run: holder.run, token })
  if (end === 'released') return
  const message =
    end === 'busy'
      ? `something is still at work under the lock of run ${holderText(holder)}; its lease is over, and it stays until that has ended`
      : `the lock is no longer that of run ${holderText(holder)}; it was left as it is`
  throw new GwError('LOCK_HELD', message, {
    host: session.host.name,
    nextSteps: ['gw lock status shows who has the lock now.'],
  })
}

async function withSessions(
  hosts: readonly Host[],
  reach: Reach,
  work: (sessions: readonly HostSession[]) => Promise<void>,
): Promise<void> {
  const sessions = hosts.map((host) => new HostSession(host, reach))
  try {
    await work(sessions)
  } finally {
    await Promise.all(sessions.map((session) => session.close()))
  }
}
