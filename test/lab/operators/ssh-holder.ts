import { createInterface } from 'node:readline'
import { FleetLock } from '../../../src/engine/lock/fleet-lock.js'
import { fencePrelude } from '../../../src/engine/lock/scripts.js'
import { HostSession } from '../../../src/engine/session.js'
import { loadFleet, openReach } from '../../../src/cli/fleet.js'
import { STATE } from '../../../src/model/state-paths.js'
import { frame } from '../../../src/shell/frames.js'

/*
 * `ssh-holder INVENTORY RUN LEASE_MS WAIT_MS`: holds the locks of the two gateways over SSH. Prints `held` and what it
 * took over; for each line on its input, makes a change on gw-1 and prints whether the fence let it; `release` ends it.
 */
const [environment = '', run = '', leaseMs = '', waitMs = ''] = process.argv.slice(2)
const signal = new AbortController().signal
const { hosts, typed } = await loadFleet({ environment, limit: 'gw-1,gw-2', forks: 2 })
const reach = openReach({ environment: typed, signal })
const sessions = hosts.map((host) => new HostSession(host, reach))
const names = hosts.map(({ name }) => name)
const about = {
  kind: 'run' as const,
  by: 'test@here',
  command: 'gw deploy test',
  reason: '',
  since: new Date().toISOString(),
}

const lock = await FleetLock.acquire(sessions, {
  holderOf: () => ({ run, ...about, release: 'v1.3', before: 'v1.2', hosts: names }),
  leaseMs: Number(leaseMs),
  waitMs: Number(waitMs),
  emit: ({ type }) => {
    console.log(type)
  },
  now: () => performance.now(),
  signal,
})
console.log('held', ...lock.takenOver.map(({ host, holder }) => `${host}:${holder.run}`))
lock.lost.addEventListener('abort', () => {
  console.log('lost')
})
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'release') break
  console.log(await change())
}
await lock.release()
await Promise.all(sessions.map((session) => session.close()))

async function change(): Promise<string> {
  const first = sessions[0]
  if (first === undefined) throw new Error('the inventory has no gateways')
  let said = ''
  const listener = {
    onText: () => undefined,
    onFrame: (words: readonly string[]) => (said = words.slice(0, 2).join(' ')),
  }
  const program = `${fencePrelude(STATE, lock.fenceOf('gw-1')).text}\necho ${run} >>/tmp/lock-changes\n${frame('changed')}`
  await first.run({ text: program }, listener, { deadlineMs: 30_000, maxOutputBytes: 10_000 })
  return said
}
