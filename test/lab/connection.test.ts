import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/connection/connection.js'
import { createDrivers } from '../../src/connection/drivers.js'
import { knownHostsName } from '../../src/connection/known-hosts.js'
import type { HostConnection } from '../../src/model/host.js'
import { failure, run } from '../connection/ground.js'
import { TcpRelay } from '../fakes/tcp-relay.js'
import { ownLab } from './fixtures/lab.js'

const lab = ownLab()

function addressOf(host: string): string {
  const address = lab.addresses[host]
  if (address === undefined) throw new Error(`the lab has no host ${host}`)
  return address
}

describe.each(['ssh2', 'openssh'] as const)('the %s driver on a real sshd', (name) => {
  const drivers = createDrivers({ environment: 'lab' })
  let folder: string
  let closing: (() => Promise<void>)[]

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gw-lab-connection-'))
    closing = []
  })

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
    rmSync(folder, { recursive: true, force: true })
  })

  function target(host: string, changes: Partial<HostConnection> = {}): HostConnection {
    return {
      address: addressOf(host),
      port: 22,
      user: 'gw',
      identityFiles: [lab.identityFile],
      agent: null,
      knownHosts: [lab.knownHosts],
      driver: name,
      jump: [],
      become: { method: 'none' },
      connectTimeoutMs: 10_000,
      ...changes,
    }
  }

  async function connect(to: HostConnection): Promise<Connection> {
    const connection = await drivers.connect(to, { host: 'gw-1' })
    closing.push(() => connection.close())
    return connection
  }

  /** The host's sshd through a relay, and a known_hosts file that knows its key under the relay's name. */
  async function throughRelay(): Promise<{ relay: TcpRelay; through: HostConnection }> {
    const address = addressOf('gw-1')
    const relay = await TcpRelay.start({ host: address, port: 22 })
    closing.push(() => relay.close())
    const knownHosts = join(folder, 'known_hosts')
    const lines = readFileSync(lab.knownHosts, 'utf8').split('\n')
    const keys = lines.filter((line) => line.split(/[ ,]/).includes(address))
    const renamed = keys.map((line) => line.replace(/^\S+/, knownHostsName('127.0.0.1', relay.port)))
    writeFileSync(knownHosts, `${renamed.join('\n')}\n`)
    const through = target('gw-1', { address: '127.0.0.1', port: relay.port, knownHosts: [knownHosts] })
    return { relay, through }
  }

  it('runs commands and carries their exit codes, output and errors', async () => {
    const connection = await connect(target('gw-1'))
    const ran = await run(connection, 'cat; echo err >&2; exit 255', { input: 'out' })
    expect(ran).toEqual({ exitCode: 255, signal: null, stdout: 'out', stderr: 'err\n' })
    expect((await run(connection, 'hostname')).stdout).toBe('gw-1\n')
  })

  it('runs twenty commands at once on one connection, within sshd’s MaxSessions', async () => {
    const connection = await connect(target('gw-1'))
    const ran = await Promise.all(Array.from({ length: 20 }, (_, index) => run(connection, `echo ${index}`)))
    expect(ran.map((one) => one.stdout)).toEqual(Array.from({ length: 20 }, (_, index) => `${index}\n`))
  })

  it('connects many times at once, although sshd drops what is too much (MaxStartups 10:30:100)', async () => {
    const wanted = name === 'ssh2' ? 40 : 15
    const to = target('gw-1', { connectTimeoutMs: 60_000 })
    const connections = await Promise.all(Array.from({ length: wanted }, () => connect(to)))
    expect(connections).toHaveLength(wanted)
  })

  it('reaches a host through a jump host', async () => {
    const connection = await connect(target('gw-1', { jump: [target('mon-1')] }))
    const ran = await run(connection, 'hostname; echo "$SSH_CONNECTION"')
    expect(ran.stdout).toContain(`gw-1\n${addressOf('mon-1')} `)
  })

  it('ends a command that prints, at the host too, when its time is over', async () => {
    const connection = await connect(target('gw-1'))
    const loop = "sh -c 'while echo x; do sleep 0.1; done' gw-loop"
    await failure(run(connection, loop, { deadlineMs: 300 }), 'DEADLINE_PASSED')
    const running = async () => (await run(connection, 'pgrep -f "[g]w-loop" || true')).stdout
    await expect.poll(running).toBe('')
  })

  it('is refused with a key that the host does not know, and says what was offered', async () => {
    const identity = join(folder, 'id')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', identity])
    const error = await failure(
      connect(target('gw-1', { identityFiles: [identity] })),
      'AUTHENTICATION_FAILED',
    )
    expect(error.message).toContain(identity)
  })

  it('refuses a host whose key nobody recorded', async () => {
    const knownHosts = [join(folder, 'known_hosts')]
    const error = await failure(connect(target('gw-1', { knownHosts })), 'HOST_KEY_UNKNOWN')
    expect(error.nextSteps.join()).toContain('gw trust lab --limit gw-1')
  })

  it('refuses a host whose key is another one than before', async () => {
    const knownHosts = join(folder, 'known_hosts')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other')])
    const key = readFileSync(join(folder, 'other.pub'), 'utf8')
    writeFileSync(knownHosts, `${addressOf('gw-1')} ${key}`)
    const error = await failure(connect(target('gw-1', { knownHosts: [knownHosts] })), 'HOST_KEY_CHANGED')
    expect(error.frame).toContain(`${knownHosts}:1`)
  })

  it('gives up on an address that never answers', async () => {
    const { relay, through } = await throughRelay()
    relay.rules.blackHole = true
    const error = await failure(connect({ ...through, connectTimeoutMs: 1500 }), 'DEADLINE_PASSED')
    expect(error.message).toContain('1500 ms')
  })

  it('reports a connection that is cut in the middle of a command', async () => {
    const { relay, through } = await throughRelay()
    const connection = await connect(through)
    const onStdout = () => {
      relay.cut()
    }
    await failure(run(connection, 'echo started; sleep 60', { onStdout }), 'CONNECTION_LOST')
  })

  it('notices that the network swallows everything, by its own deadline', async () => {
    const { relay, through } = await throughRelay()
    const connection = await connect(through)
    relay.rules.blackHole = true
    await failure(run(connection, 'true', { deadlineMs: 1000 }), 'DEADLINE_PASSED')
  })

  it('takes few round trips for a connection and a program', async () => {
    const { relay, through } = await throughRelay()
    await run(await connect(through), 'sh -s', { input: 'echo done\n' })
    expect(relay.counts.connections).toBe(1)
    // A round trip is two changes of direction on the wire; ssh itself talks a little more than our own client.
    expect(relay.counts.directionChanges).toBeLessThanOrEqual(name === 'ssh2' ? 20 : 30)
    expect(relay.counts.bytesUp).toBeLessThanOrEqual(10_000)
  })
})
