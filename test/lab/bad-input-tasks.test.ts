import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { containerName } from '../../src/lab/compose.js'
import { expectFailure } from './fixtures/failure.js'
import { gw, startGw } from './fixtures/gw.js'
import { hostSays, onHost } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { playbookFile } from './fixtures/playbook-file.js'

const lab = ownLab()
const host = 'customer-1'
const other = 'customer-2'

/** Takes a write lock as apt and dpkg do (fcntl, so /proc/locks shows it), prints a line, holds it until its input ends. */
const LOCK = `use Fcntl; open(F, ">>", $ARGV[0]) or die; $lock = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0);
  fcntl(F, F_SETLK, $lock) or die;
  $| = 1; print "locked\\n"; <STDIN>`

async function holdLock(path: string): Promise<{ release(): Promise<void> }> {
  const words = ['exec', '--interactive', containerName(lab.name, host), 'perl', '-e', LOCK, path]
  const child = spawn('docker', words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const ended = closed.then(() => Promise.reject(new Error(`nobody could lock ${path}`)))
  ended.catch(() => undefined)
  await Promise.race([once(child.stdout, 'data'), ended])
  const release = async (): Promise<void> => {
    child.stdin.end()
    await closed
  }
  return { release }
}

describe.each(['/var/lib/dpkg/lock-frontend', '/var/lib/apt/lists/lock'])(
  'the lock %s that somebody holds',
  (lock) => {
    const hold = (seconds: number) =>
      playbookFile('customer', [
        `task('Hold sudo', aptPackage({ name: 'sudo', hold: true, lockWaitSeconds: ${seconds} }))`,
      ])
    const isHeld = async (name: string) => (await hostSays(name, 'apt-mark showhold')) === 'sudo\n'
    const endHold = async () => {
      for (const name of [host, other, 'customer-3']) await hostSays(name, 'apt-mark unhold sudo')
    }
    afterAll(endHold)

    test('is waited for, then the task fails and names the holder; the other hosts are done', async () => {
      const held = await holdLock(lock)
      const result = await gw(['run', hold(1), lab.inventory, '--yes', '--json'])
      const text = await gw(['run', hold(1), lab.inventory, '--yes', '--limit', host])
      await held.release()
      const envelope = expectFailure(result, { code: 'TASK_FAILED', status: 3, host })
      expect(envelope.hosts).toMatchObject({ [host]: { outcome: 'failed' }, [other]: { outcome: 'changed' } })
      expect(text.stderr).toMatch(new RegExp(`process \\d+ \\(perl\\) holds ${lock}`))
      expect([await isHeld(host), await isHeld(other)]).toEqual([false, true])
    })

    test('is waited for, and the task is done when it is released in time', async () => {
      await endHold()
      const held = await holdLock(lock)
      const running = startGw(['run', hold(60), lab.inventory, '--yes', '--limit', host])
      await running.shows('[1/1] Hold sudo')
      expect(await isHeld(host)).toBe(false)
      await held.release()
      expect((await running.ended).status).toBe(0)
      expect(await isHeld(host)).toBe(true)
    })
  },
)

describe('a disk without room', () => {
  const folder = '/mnt/gw-test-small'
  const path = `${folder}/settings.conf`
  beforeAll(() =>
    hostSays(host, `mkdir ${folder} && mount -t tmpfs -o size=64k tmpfs ${folder} && echo old >${path}`),
  )
  afterAll(() => hostSays(host, `umount ${folder} && rmdir ${folder}; rm -rf ${folder} /etc/gw-test-after`))

  test('fails the task; the old file is whole, nothing is left beside it, later tasks are not started', async () => {
    await hostSays(other, `mkdir -p ${folder}`)
    const playbook = playbookFile('customer', [
      `task('Write', file({ path: '${path}', content: 'x'.repeat(200_000) }))`,
      `task('Write on', file({ path: '/etc/gw-test-after', content: 'x' }))`,
    ])
    const result = await gw([
      'run',
      playbook,
      lab.inventory,
      '--yes',
      '--json',
      '--limit',
      `${host},${other}`,
    ])
    const envelope = expectFailure(result, { code: 'TASK_FAILED', status: 3, host })
    expect(envelope.error?.message).toContain('task "Write" failed')
    expect(envelope.hosts[other]?.outcome).toBe('changed')
    expect(await hostSays(host, `cat ${path}; ls -A ${folder}`)).toBe('old\nsettings.conf\n')
    expect((await onHost(host, 'test -e /etc/gw-test-after')).status).toBe(1)
    expect(await hostSays(other, `wc -c <${path}; ls -A ${folder}; rm -r ${folder} /etc/gw-test-after`)).toBe(
      '200000\nsettings.conf\n',
    )
  })
})

describe('words that a shell would obey', () => {
  const nasty = `quotes ' " and \\ and \\n, $(touch /tmp/gw-canary) \`touch /tmp/gw-canary\` ; touch /tmp/gw-canary\n\ttab\r\nö \u{1f600} end`
  const folder = '/etc/gw test $(touch gw-canary) \'"`;&é'
  const path = `${folder}/file $HOME.conf`

  test('arrive as they are in a content, a path and an argument', async () => {
    const literal = JSON.stringify(nasty)
    const playbook = playbookFile(host, [
      `task('Make $(touch /tmp/gw-canary)', directory({ path: ${JSON.stringify(folder)} }))`,
      `task('Write', file({ path: ${JSON.stringify(path)}, content: ${literal} }))`,
      `task('Say', command({ name: 'Say', script: sh\`printf %s \${${literal}} >/tmp/gw-said\` }))`,
    ])
    const result = await gw(['run', playbook, lab.inventory, '--yes', '--json'])
    expect(result.status).toBe(0)
    expect(await hostSays(host, 'cat -- "$(cat)"', path)).toBe(nasty)
    expect(await hostSays(host, 'cat /tmp/gw-said')).toBe(nasty)
    await hostSays(host, 'rm -r -- "$(cat)"', folder)
    expect(await hostSays(host, 'find / -xdev -name "*gw-canary*" 2>/dev/null')).toBe('')
  })

  test('are refused with the place when they hold a NUL, and nothing is changed', async () => {
    const playbook = playbookFile(host, [
      `task('Write', file({ path: '/etc/gw-test-nul', content: 'x' }))`,
      `task('Say', command({ name: 'Say', script: sh\`echo \${'a\\0b'}\` }))`,
    ])
    const envelope = expectFailure(await gw(['run', playbook, lab.inventory, '--yes', '--json']), {
      code: 'VALUE_REFUSED',
      status: 2,
    })
    expect(envelope.error?.at).toMatchObject({ file: playbook, line: 11 })
    expect((await onHost(host, 'test -e /etc/gw-test-nul')).status).toBe(1)
  })

  test('are refused in a path that no file may have', async () => {
    const playbook = playbookFile(host, [`task('Write', file({ path: '/etc/../tmp/x', content: 'x' }))`])
    const envelope = expectFailure(await gw(['run', playbook, lab.inventory, '--yes', '--json']), {
      code: 'VALUE_REFUSED',
      status: 2,
    })
    expect(envelope.error).toMatchObject({ at: { file: playbook, line: 10 } })
  })
})
