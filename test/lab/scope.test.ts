import { afterEach, describe, expect, it } from 'vitest'
import { endScopes, enterScope } from '../../src/engine/scope.js'
import { hostSays, onHost } from './fixtures/host.js'

/** By what an abort finds everything that a run started on a host. */

const HOST = 'admin-3'
const RUN = '0123abcd'
const OTHER = '4567cdef'

/** Starts a program of a run that leaves a child behind, whose parent is gone. Answers the child's id. */
async function leaveBehind(run: string, child: string): Promise<string> {
  const script = `${enterScope(run).text}\n(setsid sh -c ${JSON.stringify(child)} >/dev/null 2>&1 </dev/null & echo $!)`
  return (await hostSays(HOST, script)).trim()
}

const isAlive = async (id: string) => (await onHost(HOST, `kill -0 ${id}`)).status === 0

const end = (run: string) => onHost(HOST, endScopes(run).text)

afterEach(() => Promise.all([RUN, OTHER].map(end)))

describe('the end of a run', () => {
  it('ends what its programs left behind, and nothing of another run', async () => {
    const [own, others] = [await leaveBehind(RUN, 'sleep 300'), await leaveBehind(OTHER, 'sleep 300')]
    expect([await isAlive(own), await isAlive(others)]).toEqual([true, true])

    expect(await end(RUN)).toEqual({ status: 0, stdout: '', stderr: '' })

    expect([await isAlive(own), await isAlive(others)]).toEqual([false, true])
  })

  it('ends what does not want to end', async () => {
    const stubborn = await leaveBehind(RUN, "trap '' TERM; while :; do sleep 1; done")

    expect(await end(RUN)).toMatchObject({ status: 0 })

    expect(await isAlive(stubborn)).toBe(false)
  })

  it('has nothing to end on a host where the run did nothing', async () => {
    expect(await end(RUN)).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('leaves no scope behind when programs end by themselves', async () => {
    await hostSays(HOST, `${enterScope(RUN).text}\ntrue`)
    const scopes = () => hostSays(HOST, `systemctl list-units --all --plain --no-legend 'gw-run-${RUN}-*'`)
    await expect.poll(scopes, { timeout: 10_000 }).toBe('')
  })
})
