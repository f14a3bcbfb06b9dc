import { GwError } from '../../errors.js'
import type { Host } from '../../model/host.js'
import type { LockState } from '../../model/lock.js'
import { STATE } from '../../model/state-paths.js'
import { type Script, sh } from '../../shell/script.js'
import { allOf } from '../all-of.js'
import { HostSession, type Reach } from '../session.js'
import { FleetLock, type LockOptions } from './fleet-lock.js'
import { releaseLock } from './host-lock.js'
import { ownerText } from './scripts.js'

/**
 * Takes the locks of hosts and leaves them, without a heartbeat: their lease is as long as was asked for.
 * @throws GwError as `FleetLock.acquire`
 */
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

interface ReleaseOptions extends Omit<LockOptions, 'note'> {
  /** Run on a host before its lock is let go. */
  readonly noteOf: (lock: LockState) => Script
}

/**
 * Lets locks go. One whose lease is over is taken over first, so that what its run did not confirm is undone.
 * @throws GwError LOCK_HELD when a lock has changed hands since it was seen, or why a host cannot be reached
 */
export async function releaseByHand(
  locked: readonly LockedHost[],
  reach: Reach,
  options: ReleaseOptions,
): Promise<void> {
  const over = locked.filter(({ lock }) => lock.leftSeconds <= 0)
  const notes = new Map(over.map(({ host, lock }) => [host.name, options.noteOf(lock)]))
  const hosts = over.map(({ host }) => host)
  await withSessions(hosts, reach, async (sessions) => {
    const lock = await FleetLock.acquire(sessions, options)
    await lock.release((host) => notes.get(host) ?? sh`:`)
  })
  const live = locked.filter(({ lock }) => lock.leftSeconds > 0)
  // All hosts are heard to their end before one that refused ends the command.
  await allOf(
    live.map(({ host, lock }) =>
      withSessions([host], reach, async ([session]) => {
        if (session !== undefined) await releaseSeen(session, lock, options)
      }),
    ),
  )
}

async function releaseSeen(
  session: HostSession,
  lock: LockState,
  { paths = STATE, noteOf }: ReleaseOptions,
): Promise<void> {
  const { holder, token } = lock
  const end = await releaseLock(session, paths, { run: holder.run, token }, { note: noteOf(lock) })
  if (end === 'released') return
  const message =
    end === 'busy'
      ? `something is still at work under the lock of ${ownerText(holder)}; its lease is over, and it stays until that has ended`
      : `the lock is no longer that of ${ownerText(holder)}; it was left as it is`
  throw new GwError('LOCK_HELD', message, {
    host: session.host.name,
    nextSteps: ['gw lock status ENV shows who has the lock now.'],
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
