import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostSession } from '../../src/engine/session.js'
import { Secret } from '../../src/model/secret.js'
import { LocalDriver } from '../fakes/local-driver.js'
import { testHost } from './fixtures.js'

const PASSWORD = 'sentinel-5ecret'

let folder: string
let driver: LocalDriver

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gw-session-'))
  driver = new LocalDriver()
  driver.prepare = (command) => `PATH=${folder}:$PATH; ${command}`
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Puts a sudo on the host that behaves like this; its own words end before `--`. */
function install(behaviour: string): void {
  const skipOptions = 'while [ "$1" != -- ]; do shift; done; shift'
  writeFileSync(join(folder, 'sudo'), `#!/bin/sh\n${skipOptions}\n${behaviour}\n`)
  chmodSync(join(folder, 'sudo'), 0o755)
}

/** What a program printed that ran on a host whose sudo wants a password. */
async function run(patienceMs = 10_000): Promise<string> {
  const plain = testHost('h1')
  const become = { method: 'sudo', password: { kind: 'env', name: 'X' } } as const
  const host = { ...plain, connection: { ...plain.connection, become } }
  const resolveSecret = (): Promise<Secret> => Promise.resolve(new Secret(PASSWORD))
  const session = new HostSession(host, { driver, resolveSecret }, patienceMs)
  let printed = ''
  const listener = { onText: (bytes: Buffer) => (printed += bytes.toString()), onFrame: () => undefined }
  await session.run({ text: 'echo ran' }, listener, { deadlineMs: 10_000, maxOutputBytes: 100_000 })
  return printed
}

const ASK = `printf 'gw-sudo-password:' >&2; IFS= read -r given; echo "$given" >>"$(dirname "$0")/given"`

describe('sudo with a password', () => {
  it('is given the password after its prompt and runs the program', async () => {
    install(`${ASK}; exec "$@"`)
    expect(await run()).toBe('ran\n')
    expect(readFileSync(join(folder, 'given'), 'utf8')).toBe(`${PASSWORD}\n`)
  })

  it('never sees the password when it wants none', async () => {
    install('exec "$@"')
    expect(await run()).toBe('ran\n')
  })

  it('is given a wrong password once', async () => {
    install(`${ASK}; ${ASK}; exit 1`)
    await expect(run()).rejects.toMatchObject({
      code: 'BECOME_REFUSED',
      message: 'sudo refused the password of tester; it was tried once',
    })
    expect(readFileSync(join(folder, 'given'), 'utf8')).toBe(`${PASSWORD}\n\n`)
  })

  it('may repeat the password without it being shown', async () => {
    install(`${ASK}; echo "bad: $given" >&2; exit 1`)
    await expect(run()).rejects.toMatchObject({
      code: 'BECOME_REFUSED',
      frame: expect.stringContaining('bad: ***') as string,
    })
  })

  it('is not waited for when it asks for something else', async () => {
    install(`printf 'Verification code: ' >&2; exec sleep 60`)
    await expect(run(300)).rejects.toMatchObject({
      code: 'BECOME_REFUSED',
      frame: expect.stringContaining('Verification code:') as string,
    })
  })
})
