import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type {
  Connection,
  ConnectionDriver,
  ExecRequest,
  ExecResult,
  KeyScanner,
} from '../../src/connection/connection.js'
import { createOpensshDriver } from '../../src/connection/openssh-driver.js'
import { createSsh2Driver } from '../../src/connection/ssh2-driver.js'
import { GwError, type ErrorCode } from '../../src/errors.js'
import type { DriverName, HostConnection } from '../../src/model/host.js'
import { FakeSshServer, generateKey } from '../fakes/ssh-server.js'
import { TcpRelay } from '../fakes/tcp-relay.js'

export type TestedDriver = ConnectionDriver & KeyScanner

/** Drivers as the tests use them: nothing of this machine's ssh_config, no chance in the pauses between retries. */
export function makeDriver(name: DriverName, folder: string): TestedDriver {
  const options = { environment: 'lab', random: () => 0 }
  return name === 'ssh2'
    ? createSsh2Driver(options)
    : createOpensshDriver({ ...options, configFile: 'none', folder })
}

/** A folder with a key pair and a known_hosts file, and the servers that a test starts. */
export class Ground {
  readonly folder = mkdtempSync(join(tmpdir(), 'gw-ground-'))
  readonly identity = join(this.folder, 'id')
  readonly knownHosts = join(this.folder, 'known_hosts')
  readonly key = generateKey()
  readonly #closing: (() => Promise<void>)[] = []

  constructor() {
    writeFileSync(this.identity, this.key.private, { mode: 0o600 })
    this.know()
  }

  async server(): Promise<FakeSshServer> {
    const server = await FakeSshServer.start([this.key.public])
    return this.keep(server)
  }

  /** Closes it when the test is over, the last one first. */
  keep<T extends { close(): Promise<void> }>(thing: T): T {
    this.#closing.unshift(() => thing.close())
    return thing
  }

  know(...lines: string[]): void {
    writeFileSync(this.knownHosts, lines.map((line) => `${line}\n`).join(''))
  }

  target(port: number, changes: Partial<HostConnection> = {}): HostConnection {
    return {
      address: '127.0.0.1',
      port,
      user: 'gw',
      identityFiles: [this.identity],
      agent: null,
      knownHosts: [this.knownHosts],
      driver: 'ssh2',
      jump: [],
      become: { method: 'none' },
      connectTimeoutMs: 5000,
      ...changes,
    }
  }

  async connect(driver: ConnectionDriver, target: HostConnection): Promise<Connection> {
    return this.keep(await driver.connect(target, { host: 'gw-1' }))
  }

  async clear(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

interface DriverTest {
  readonly ground: Ground
  readonly driver: TestedDriver
  /** A host whose key is known and that lets the ground's key in. */
  readonly server: FakeSshServer
  /** A way to the server, whose key is known there, too. */
  readonly relay: TcpRelay
  /** Connects to the server, or to another port of this machine. */
  readonly connect: (port?: number) => Promise<Connection>
}

/** Vitest's `test` with a driver, and what is there for it to reach. */
export function driverTest(name: DriverName) {
  return test.extend<DriverTest>({
    ground: async ({ onTestFinished }, use) => {
      const ground = new Ground()
      onTestFinished(() => ground.clear())
      await use(ground)
    },
    driver: ({ ground }, use) => use(makeDriver(name, ground.folder)),
    server: async ({ ground }, use) => {
      const server = await ground.server()
      ground.know(server.knownHostsLine())
      await use(server)
    },
    relay: async ({ ground, server }, use) => {
      const relay = ground.keep(await TcpRelay.start({ host: '127.0.0.1', port: server.port }))
      ground.know(server.knownHostsLine().replace(String(server.port), String(relay.port)))
      await use(relay)
    },
    connect: ({ ground, driver, server }, use) =>
      use((port = server.port) => ground.connect(driver, ground.target(port))),
  })
}

export interface Ran extends ExecResult {
  readonly stdout: string
  readonly stderr: string
}

export type Changes = Partial<Omit<ExecRequest, 'command' | 'input'>> & {
  readonly input?: ExecRequest['input'] | string
}

/** Runs a command with generous limits and collects what it prints. */
export async function run(connection: Connection, command: string, changes: Changes = {}): Promise<Ran> {
  const stdout: Uint8Array[] = []
  const stderr: Uint8Array[] = []
  const { input = '', ...rest } = changes
  const result = await connection.exec({
    command,
    input: typeof input === 'string' ? Buffer.from(input) : input,
    deadlineMs: 10_000,
    maxOutputBytes: 64_000_000,
    onStdout: (chunk) => stdout.push(chunk),
    onStderr: (chunk) => stderr.push(chunk),
    ...rest,
  })
  return { ...result, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
}

/** The GwError that a promise rejects with; it has the code, names the host and says what to type next. */
export async function failure(promise: Promise<unknown>, code: ErrorCode): Promise<GwError> {
  const error: unknown = await promise.then(
    (value) => value,
    (reason: unknown) => reason,
  )
  if (!(error instanceof GwError)) throw new Error('no GwError', { cause: error })
  expect(`${error.code}: ${error.message}`).toContain(`${code}: `)
  expect(error.host).toBe('gw-1')
  return error
}

/** A command that says when it runs, so that a test can go on without waiting for a time. */
export const STARTED = 'echo started; '

/** An output listener that acts on the first piece only. */
export function onceStarted(action: () => void) {
  let done = false
  return () => {
    if (!done) action()
    done = true
  }
}
