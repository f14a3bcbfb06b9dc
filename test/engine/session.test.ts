import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/connection/connection.js'
import { HostSession } from '../../src/engine/session.js'
import { GwError } from '../../src/errors.js'
import { Secret } from '../../src/model/secret.js'
import { NO_LISTENER } from '../../src/shell/frames.js'
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

describe('a connection that is lost', () => {
  const LIMITS = { deadlineMs: 10_000, maxOutputBytes: 1000 }
  let opened: number

  /** A session whose first connection does this instead of running a program. */
  function sessionWith(first: (connection: Connection) => Connection['exec']): HostSession {
    opened = 0
    const connect = async (...wanted: Parameters<LocalDriver['connect']>): Promise<Connection> => {
      const connection = await driver.connect(...wanted)
      opened += 1
      const { traffic } = connection
      const [forward, close] = [connection.forward.bind(connection), connection.close.bind(connection)]
      return opened > 1 ? connection : { traffic, forward, close, exec: first(connection) }
    }
    return new HostSession(testHost('h1'), {
      driver: { connect },
      resolveSecret: () => Promise.reject(new Error('there is none')),
    })
  }

  it('ends the program that was running, and the next one has a connection of its own', async () => {
    const lost = new GwError('CONNECTION_LOST', 'the connection was lost', { host: 'h1' })
    const session = sessionWith(() => () => Promise.reject(lost))
    await expect(session.run({ text: ':' }, NO_LISTENER, LIMITS)).rejects.toBe(lost)
    await session.run({ text: ':' }, NO_LISTENER, LIMITS)
    expect(opened).toBe(2)
  })

  it('is not one on which a command took too long', async () => {
    const late = new GwError('DEADLINE_PASSED', 'it took too long', { host: 'h1' })
    const session = sessionWith(() => () => Promise.reject(late))
    await expect(session.run({ text: ':' }, NO_LISTENER, LIMITS)).rejects.toBe(late)
    await expect(session.run({ text: ':' }, NO_LISTENER, LIMITS)).rejects.toBe(late)
    expect(opened).toBe(1)
  })

  it('may be given up', async () => {
    const session = sessionWith((connection) => (request) => connection.exec(request))
    await session.run({ text: ':' }, NO_LISTENER, LIMITS)
    session.drop('it says nothing')
    await session.run({ text: ':' }, NO_LISTENER, LIMITS)
    expect(opened).toBe(2)
  })
})
