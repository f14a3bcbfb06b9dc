import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { expectFailure } from './fixtures/failure.js'
import { gw, startGw, variantInventory } from './fixtures/gw.js'
import { hostSays, onHost } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { playbookFile } from './fixtures/playbook-file.js'

const lab = ownLab()
const [first, second] = ['admin-1', 'admin-2'] as const
const SOON = { timeout: 15_000 }
/** Where the tasks leave their traces on a host, and find the sign to go on. */
const DIR = '/tmp/gw-test-interrupt'

const GATED = `task('Wait', command({ name: 'Wait', script: sh\`
  touch ${DIR}/begun; until [ -e ${DIR}/go ]; do sleep 0.05; done; touch ${DIR}/waited\` }))`
const NEXT = `task('Go on', command({ name: 'Go on', script: sh\`touch ${DIR}/went-on\` }))`

function traces(host: string): Promise<string> {
  return hostSays(host, `ls ${DIR}; ls -d /tmp/.gw-stop-* 2>/dev/null || true`)
}

async function untilThere(host: string, path: string): Promise<void> {
  await vi.waitFor(async () => {
    expect((await onHost(host, `ls -d ${path}`)).status).toBe(0)
  }, SOON)
}

beforeEach(() => Promise.all([first, second].map((host) => hostSays(host, `rm -rf ${DIR}; mkdir ${DIR}`))))
afterEach(() => Promise.all([first, second].map((host) => hostSays(host, `touch ${DIR}/go`))))

describe('Ctrl-C', () => {
  test('lets the running task end, starts no other, and says where each host stands', async () => {
    const running = startGw(['run', playbookFile('admin', [GATED, NEXT]), lab.inventory, '--limit', first])
    await untilThere(first, `${DIR}/begun`)
    running.kill('SIGINT')
    await running.shows('Stopping after the tasks that are running')
    await untilThere(first, '/tmp/.gw-stop-*')
    await hostSays(first, `touch ${DIR}/go`)
    const { status, stdout, stderr } = await running.ended
    expect(status).toBe(130)
    expect(stdout).toMatch(/admin-1 +changed +ok=0 changed=1 skipped=1 failed=0/)
    expect(stderr).toContain('Error INTERRUPTED stopped on request; changed in part or whole: admin-1')
    expect(stderr).toContain('--check shows what is left to do')
    expect(await traces(first)).toBe('begun\ngo\nwaited\n')
  })

  test('keeps hosts that wait for their turn as they are', async () => {
    const words = [
      'run',
      playbookFile('admin', [GATED, NEXT]),
      lab.inventory,
      '--limit',
      `${first},${second}`,
    ]
    const running = startGw([...words, '--forks', '1', '--json'])
    await untilThere(first, `${DIR}/begun`)
    running.kill('SIGINT')
    await untilThere(first, '/tmp/.gw-stop-*')
    await hostSays(first, `touch ${DIR}/go`)
    const envelope = expectFailure(await running.ended, { code: 'INTERRUPTED', status: 130 })
    expect(envelope.hosts).toMatchObject({
      [first]: { outcome: 'changed' },
      [second]: { outcome: 'skipped' },
    })
    expect(await traces(second)).toBe('')
  })

  test('twice gives up at once, says that the task was running, and nothing more is started on the host', async () => {
    const running = startGw(['run', playbookFile('admin', [GATED, NEXT]), lab.inventory, '--limit', first])
    await untilThere(first, `${DIR}/begun`)
    running.kill('SIGINT')
    await untilThere(first, '/tmp/.gw-stop-*')
    running.kill('SIGINT')
    const { status, stdout, stderr } = await running.ended
    expect(status).toBe(130)
    expect(stdout).toMatch(/admin-1 +failed +ok=0 changed=0 skipped=1 failed=1/)
    expect(stderr).toContain('while task "Wait" was running')
    expect(stderr).toContain('changed in part or whole: admin-1')
    await hostSays(first, `touch ${DIR}/go`)
    await vi.waitFor(async () => {
      expect((await onHost(first, "pgrep -f '[g]w1 '")).stdout).toBe('')
    }, SOON)
    expect(await traces(first)).toBe('begun\ngo\nwaited\n')
  })

  test('while facts are gathered ends the run with nothing changed', async () => {
    const slow = `task('Ask', command({ name: 'Ask', unless: sh\`
      touch ${DIR}/asked; until [ -e ${DIR}/go ]; do sleep 0.05; done; false\`, script: sh\`touch ${DIR}/done\` }))`
    const running = startGw(['run', playbookFile('admin', [slow]), lab.inventory, '--limit', first, '--json'])
    await untilThere(first, `${DIR}/asked`)
    running.kill('SIGINT')
    const envelope = expectFailure(await running.ended, { code: 'INTERRUPTED', status: 130 })
    expect(envelope.error?.message).toContain('nothing was changed')
    expect(envelope.hosts).toEqual({ [first]: { outcome: 'skipped', changes: [] } })
    expect(await traces(first)).toBe('asked\n')
  })

  test('ends a command of gw exec on every host', async () => {
    const line = `touch ${DIR}/begun; until [ -e ${DIR}/go ]; do sleep 0.05; done`
    const running = startGw(['exec', lab.inventory, `${first},${second}`, '--json', '--', line])
    await Promise.all([first, second].map((host) => untilThere(host, `${DIR}/begun`)))
    running.kill('SIGINT')
    const envelope = expectFailure(await running.ended, { code: 'INTERRUPTED', status: 130 })
    expect(Object.keys(envelope.hosts)).toEqual([first, second])
  })

  test('while a connection is being made is answered at once', async () => {
    const inventory = variantInventory({
      connection: { connect_timeout: '1m' },
      hosts: { [first]: { address: lab.addresses['mon-1'] } },
    })
    await hostSays('mon-1', `ip route add blackhole ${lab.prefix}.1/32`)
    try {
      const running = startGw(['exec', inventory, `${first},${second}`, '--', 'echo there'])
      await running.shows(`${second}  there`)
      running.kill('SIGINT')
      const { status, stderr } = await running.ended
      expect(status).toBe(130)
      expect(stderr).toContain(`Error INTERRUPTED ${first}: `)
    } finally {
      await hostSays('mon-1', `ip route del blackhole ${lab.prefix}.1/32`)
    }
  })
})

describe('a question without a terminal', () => {
  test.each(['yes', 'name'])(
    '(confirm: %s) is an error that names the flag, and nothing is changed',
    async (confirm) => {
      const words = ['run', playbookFile(first, [NEXT]), variantInventory({ confirm })]
      const envelope = expectFailure(await gw([...words, '--json']), {
        code: 'QUESTION_WITHOUT_TERMINAL',
        status: 2,
      })
      expect(envelope.error?.nextSteps.join('\n')).toContain('--yes')
      expect(await traces(first)).toBe('')
      expect((await gw([...words, '--yes'])).status).toBe(0)
    },
  )
})

test.each([
  { what: 'an unknown flag', words: ['deploy', '--jsno', '--json'] },
  { what: 'a command without its arguments', words: ['exec', '--json'] },
  { what: 'a number that is none', words: ['plan', '--forks', 'many', '--json'] },
  { what: 'an unknown command', words: ['deplyo', '--json'] },
])('$what is one object, too', async ({ words }) => {
  expectFailure(await gw(words), { code: 'USAGE', status: 2 })
})

test('an environment that is not there is one object, too, with the nearest name', async () => {
  const envelope = expectFailure(await gw(['plan', 'stagin', '--json']), {
    code: 'INVENTORY_NOT_FOUND',
    status: 2,
  })
  expect(envelope.error?.message).toContain('`staging`')
})
