import { FleetLock } from '../../../src/engine/lock/fleet-lock.js'
import { fencePrelude } from '../../../src/engine/lock/scripts.js'
import { HostSession } from '../../../src/engine/session.js'
import { GwError } from '../../../src/errors.js'
import { Secret } from '../../../src/model/secret.js'
import { statePaths } from '../../../src/model/state-paths.js'
import { frame } from '../../../src/shell/frames.js'
import { sh } from '../../../src/shell/script.js'
import { LocalDriver } from '../../fakes/local-driver.js'
import { testHost } from '../../engine/fixtures.js'
import type { Job, Report } from './job.js'

/*
 * One operator, in a process of its own: takes the lock, makes its changes, lets go. It does not mind when its heartbeat
 * says that the lock is lost, as a run would: what keeps it off the host then is the fence alone.
 */
process.on('message', (job: Job) => {
  work(job).then(report, (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    report({ run: job.run, kind: 'ended', how: 'failed', detail: text })
  })
})

function report(what: Report): void {
  process.send?.(what)
}

async function work(job: Job): Promise<Report> {
  const { run, leaseMs, waitMs } = job
  const resolveSecret = () => Promise.resolve(new Secret('unused'))
  const session = new HostSession(testHost('host'), { driver: new LocalDriver(), resolveSecret })
  const holder = {
    kind: 'run' as const,
    run,
    by: 'operator',
    command: 'test',
    reason: '',
    since: '',
    release: null,
    before: null,
  }
  let lock: FleetLock
  try {
    lock = await FleetLock.acquire([session], {
      holderOf: () => ({ ...holder, hosts: ['host'] }),
      leaseMs,
      waitMs,
      paths: statePaths(`${job.folder}/state`),
      emit: () => undefined,
      now: () => performance.now(),
      signal: new AbortController().signal,
    })
  } catch (error) {
    if (error instanceof GwError && error.code === 'LOCK_HELD')
      return { run, kind: 'ended', how: 'held', detail: error.message }
    throw error
  }
  report({ run, kind: 'acquired', tookOver: lock.takenOver.length > 0 })
  const ends: string[] = []
  for (const change of job.changes) ends.push(await makeChange(session, lock, job, change))
  await lock.release()
  const fenced = ends.find((end) => end !== 'changed')
  return { run, kind: 'ended', how: fenced === undefined ? 'done' : 'fenced', detail: fenced ?? '' }
}

/** Answers `changed`, or why the fence kept it out. */
async function makeChange(
  session: HostSession,
  lock: FleetLock,
  { folder, run, breakFence }: Job,
  change: Job['changes'][number],
): Promise<string> {
  const fence = lock.fenceOf('host')
  const prelude = fencePrelude(statePaths(`${folder}/state`), fence).text
  const seconds = (change.ms / 1000).toFixed(3)
  const body = sh`
    echo begin ${run} ${fence.token} >>${`${folder}/log`}
    sleep ${seconds}
    echo end ${run} ${fence.token} >>${`${folder}/log`}`.text
  // An orphan goes on after its program was killed in the middle, as when sshd ends it.
  const text = change.orphan
    ? `( ${body}\n ) >/dev/null 2>&1 3>&- &\nkill -s KILL "$$"`
    : `( ${body}\n )\n${frame('changed')}`
  let end = change.orphan ? 'changed' : 'nothing'
  const listener = {
    onText: () => undefined,
    onFrame: ([word = '', kind = '']: readonly string[]) => (end = word === 'fenced' ? kind : word),
  }
  const limits = { deadlineMs: 60_000, maxOutputBytes: 10_000 }
  await session
    .run({ text: `${breakFence ? '' : prelude}\n${text}` }, listener, limits)
    .catch((error: unknown) => {
      if (!change.orphan) throw error
    })
  return end
}
