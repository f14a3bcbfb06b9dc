import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { containerName } from '../../src/lab/compose.js'
import { expectFailure, outputOf } from './fixtures/failure.js'
import { gw, variantInventory, type GwResult } from './fixtures/gw.js'
import { hostSays, onHost } from './fixtures/host.js'
import { cursorOf, journalOf } from './fixtures/journal.js'
import { ownLab } from './fixtures/lab.js'
import { playbookFile } from './fixtures/playbook-file.js'

const host = 'customer-3'
const other = 'customer-2'
const RIGHT = 'Right-Sentinel-7c1f'
const WRONG = 'Wrong-Sentinel-94be'
const SUDOERS = '/etc/sudoers.d/gw'
const SOON = { timeout: 10_000 }

/** The hosts as they are, and this one with a password for sudo that stands in GW_TEST_PASSWORD. */
function withPassword(): string {
  const { addresses } = ownLab()
  const become = { method: 'sudo', password: 'env:GW_TEST_PASSWORD' }
  return variantInventory({ hosts: { [host]: { address: addresses[host], connection: { become } } } })
}

function run(inventory: string, password?: string): Promise<GwResult> {
  const words = ['exec', inventory, `${other},${host}`, '--json', '--', 'id -un']
  return gw(words, { env: { GW_TEST_PASSWORD: password } })
}

/** Holds a run in which this host refused sudo to what it owes; the other host is as if nothing had happened. */
function expectRefused(result: GwResult): string {
  const envelope = expectFailure(result, { code: 'BECOME_REFUSED', status: 3, host })
  expect(envelope.hosts).toMatchObject({
    [other]: { outcome: 'changed', changes: [] },
    [host]: { outcome: 'failed', changes: [] },
  })
  expect(outputOf(envelope, other).stdout).toBe('root\n')
  // What sudo said is shown; how gw has it ask is not.
  expect(result.stdout).not.toContain('gw-sudo-password')
  return envelope.error?.message ?? ''
}

/** Collects, as root on the host and without pause, what every process was started with, until `end` is called. */
async function watchProcesses(): Promise<{ end(): Promise<string> }> {
  const script = `while [ ! -e /tmp/watch-ended ]; do
    for file in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do tr '\\0' '\\n' <"$file"; done 2>/dev/null; echo round
  done; rm /tmp/watch-ended`
  const child = spawn('docker', ['exec', containerName(ownLab().name, host), 'sh', '-c', script])
  let seen = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text))
  await vi.waitFor(() => {
    expect(seen).toContain('round')
  }, SOON)
  const end = async (): Promise<string> => {
    const closed = once(child, 'close')
    await hostSays(host, 'touch /tmp/watch-ended')
    await closed
    return seen
  }
  return { end }
}

/** Lets the user of the lab use sudo for these, in a file that sudo never sees with another mode. */
async function allowSudo(what: string): Promise<void> {
  const script = `cat >/tmp/sudoers && install -m 0440 /tmp/sudoers ${SUDOERS} && rm /tmp/sudoers`
  await hostSays(host, script, `gw ALL=(ALL:ALL) ${what}\n`)
}

afterAll(async () => {
  await onHost(host, `[ ! -e /tmp/sudo ] || mv /tmp/sudo /usr/bin/sudo; passwd --delete gw`)
  await allowSudo('NOPASSWD: ALL')
})

describe('a host without sudo', () => {
  beforeAll(() => hostSays(host, 'mv /usr/bin/sudo /tmp/sudo'))
  afterAll(() => hostSays(host, 'mv /tmp/sudo /usr/bin/sudo'))

  test('says so, and the others run their command', async () => {
    expect(expectRefused(await run(ownLab().inventory))).toBe('sudo is not installed on the host')
  })

  test('says so also when there would be a password, which it never gets', async () => {
    expect(expectRefused(await run(withPassword(), RIGHT))).toBe('sudo is not installed on the host')
  })

  test('keeps a playbook from changing any host', async () => {
    const path = '/etc/gw-test-become'
    const playbook = playbookFile('customer', [`task('Write', file({ path: '${path}', content: 'x' }))`])
    const result = await gw(['run', playbook, ownLab().inventory, '--yes', '--json'])
    const envelope = expectFailure(result, { code: 'BECOME_REFUSED', status: 3, host })
    expect(envelope.hosts[other]).toEqual({ outcome: 'skipped', changes: [] })
    expect((await onHost(other, `test -e ${path}`)).status).toBe(1)
  })
})

describe('a user who is not in sudoers', () => {
  beforeAll(() => hostSays(host, `rm ${SUDOERS} && echo 'gw:${RIGHT}' | chpasswd`))

  test('is refused without a password', async () => {
    expect(expectRefused(await run(ownLab().inventory))).toBe(
      'gw could not become root by sudo without a password',
    )
  })

  test('is refused with the right one, too', async () => {
    expect(expectRefused(await run(withPassword(), RIGHT))).toContain('gw could not become root by sudo')
  })
})

describe('a sudo that asks for a password', () => {
  beforeAll(async () => {
    await hostSays(host, 'chpasswd', `gw:${RIGHT}\n`)
    await allowSudo('ALL')
  })

  test('is answered when the inventory says where the password is, which nobody on the host can see', async () => {
    const cursor = await cursorOf(host)
    const watch = await watchProcesses()
    const show = `{ for file in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do tr '\\0' '\\n' <"$file"; done; } 2>/dev/null; id -un`
    const words = ['exec', withPassword(), host, '--', show]
    const { status, stdout, stderr } = await gw(words, { env: { GW_TEST_PASSWORD: RIGHT } })
    const seen = await watch.end()
    expect(status).toBe(0)
    expect(stdout).toMatch(/root\n$/)
    expect(stderr).toBe('')
    // The watcher did see sudo at work, so it would have seen a password beside it.
    expect(seen).toContain('gw-sudo-password:')
    const journal = await journalOf(host, cursor)
    expect(journal).toContain('sudo')
    for (const text of [stdout, stderr, seen, journal]) expect(text).not.toContain(RIGHT)
  })

  test('is not answered when the inventory has no password', async () => {
    const result = await run(ownLab().inventory)
    expect(expectRefused(result)).toBe('gw could not become root by sudo without a password')
    expect(result.json().error?.nextSteps.join('\n')).toContain('connection.become.password')
  })

  test('is given a wrong one once, and the account is not locked by further tries', async () => {
    const cursor = await cursorOf(host)
    const result = await run(withPassword(), WRONG)
    expect(expectRefused(result)).toBe('sudo refused the password of gw; it was tried once')
    await vi.waitFor(async () => {
      expect(await journalOf(host, cursor)).toContain('1 incorrect password attempt')
    }, SOON)
    const journal = await journalOf(host, cursor)
    expect(journal.match(/pam_unix\(sudo:auth\): authentication failure/g)).toHaveLength(1)
    for (const text of [result.stdout, result.stderr, journal]) expect(text).not.toContain(WRONG)
  })

  test('ends the run before it begins when the secret is not to be had', async () => {
    const cursor = await cursorOf(host)
    const envelope = expectFailure(await run(withPassword()), { code: 'SECRET_UNAVAILABLE', status: 2 })
    expect(envelope.error?.message).toContain('env:GW_TEST_PASSWORD')
    expect(await journalOf(host, cursor)).not.toContain('sudo')
  })
})

describe('a sudo that wants no password although the inventory has one', () => {
  beforeAll(() => allowSudo('NOPASSWD: ALL'))

  test('never gets it: not the command, not the journal, not a file', async () => {
    const cursor = await cursorOf(host)
    const words = ['exec', withPassword(), host, '--json', '--', 'id -un; cat; env']
    const result = await gw(words, { env: { GW_TEST_PASSWORD: RIGHT } })
    expect(result.status).toBe(0)
    expect(outputOf(result.json(), host).stdout).toMatch(/^root\n/)
    const files = await onHost(host, `grep -rlF -- ${RIGHT} /tmp /run /var/log /home /root /etc`)
    for (const text of [result.stdout, await journalOf(host, cursor)]) expect(text).not.toContain(RIGHT)
    expect(files.stdout).toBe('')
  })
})
