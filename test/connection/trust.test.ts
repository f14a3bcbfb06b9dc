import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { trustHosts, type TrustContext, type TrustReport, type TrustRow } from '../../src/connection/trust.js'
import type { Host, HostConnection } from '../../src/model/host.js'
import { generateKey, type FakeSshServer } from '../fakes/ssh-server.js'
import { failure, Ground, makeDriver, run } from './ground.js'

describe.each(['ssh2', 'openssh'] as const)('trusting host keys by the %s driver', (name) => {
  let ground: Ground
  let server: FakeSshServer
  let questions: string[]
  let shown: TrustRow[]

  beforeEach(async () => {
    ground = new Ground()
    server = await ground.server()
    questions = []
    shown = []
  })

  afterEach(() => ground.clear())

  function host(port: number, changes: Partial<HostConnection> = {}): Host {
    return { name: 'gw-1', groups: ['gateways'], connection: ground.target(port, changes), values: {} }
  }

  function trust(hosts: Host[], answer = true, changes: Partial<TrustContext> = {}): Promise<TrustReport> {
    const driver = makeDriver(name, ground.folder)
    return trustHosts(hosts, {
      environment: 'lab',
      scannerFor: () => driver,
      show: (rows) => shown.push(...rows),
      confirm: (question) => {
        questions.push(question)
        return Promise.resolve(answer)
      },
      ...changes,
    })
  }

  const recorded = () => readFileSync(ground.knownHosts, 'utf8')

  it('shows a new key, asks once, records it, and then the host can be reached', async () => {
    const report = await trust([host(server.port)])
    expect(shown).toMatchObject([{ host: 'gw-1', type: 'ssh-ed25519', state: 'new' }])
    expect(shown[0]?.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
    expect(questions).toEqual([`Record this new host key in ${ground.knownHosts}?`])
    expect(report.rows.map((row) => row.state)).toEqual(['recorded'])
    expect(recorded()).toBe(`${server.knownHostsLine()}\n`)
    expect(server.counts.authentications).toBe(0)
    const connection = await ground.connect(makeDriver(name, ground.folder), ground.target(server.port))
    expect((await run(connection, 'echo in')).stdout).toBe('in\n')
  })

  it('asks nothing and writes nothing when all keys are known', async () => {
    ground.know(server.knownHostsLine())
    const before = statSync(ground.knownHosts).mtimeMs
    const report = await trust([host(server.port)])
    expect(report.rows.map((row) => row.state)).toEqual(['known'])
    expect(questions).toEqual([])
    expect(statSync(ground.knownHosts).mtimeMs).toBe(before)
  })

  it('records nothing when the answer is no', async () => {
    const report = await trust([host(server.port)], false)
    expect(report.rows.map((row) => row.state)).toEqual(['declined'])
    expect(recorded()).toBe('')
  })

  it('never replaces a changed key', async () => {
    ground.know(server.knownHostsLine())
    server.setHostKeys(generateKey())
    const before = recorded()
    const report = await trust([host(server.port)])
    expect(report.rows.map((row) => row.state)).toEqual(['changed'])
    expect(questions).toEqual([])
    expect(recorded()).toBe(before)
    const [error] = report.errors
    expect(error?.code).toBe('HOST_KEY_CHANGED')
    expect(error?.nextSteps.join()).toContain('ssh-keygen -R')
  })

  it('takes a key of another type for a changed one, when there is one on record', async () => {
    ground.know(server.knownHostsLine())
    server.setHostKeys(generateKey('ecdsa'))
    const report = await trust([host(server.port)])
    expect(report.rows.map((row) => row.state)).toEqual(['changed'])
  })

  it('goes on with the other hosts when one cannot be reached', async () => {
    const gone = await ground.server()
    const { port } = gone
    await gone.close()
    const other = { ...host(port), name: 'gw-2' }
    const report = await trust([other, host(server.port)])
    expect(report.rows.map((row) => row.state)).toEqual(['unreachable', 'recorded'])
    expect(report.errors.map((error) => [error.code, error.host])).toEqual([['CONNECTION_REFUSED', 'gw-2']])
  })

  it('asks about a jump host first, then about what is behind it', async () => {
    const target = await ground.server()
    const behind = host(target.port, { jump: [ground.target(server.port)] })
    const report = await trust([behind, behind])
    expect(questions).toHaveLength(2)
    expect(report.rows.map((row) => [row.isJump, row.state])).toEqual([
      [true, 'recorded'],
      [false, 'recorded'],
    ])
    expect(recorded()).toBe(`${server.knownHostsLine()}\n${target.knownHostsLine()}\n`)
    expect(target.counts.authentications).toBe(0)
  })

  it('does not look behind a jump host that is not trusted', async () => {
    const target = await ground.server()
    const report = await trust([host(target.port, { jump: [ground.target(server.port)] })], false)
    expect(report.rows.map((row) => row.state)).toEqual(['declined', 'unreachable'])
    expect(target.counts.connections).toBe(0)
  })

  it('keeps what the file holds, ends its last line, follows a link, and makes a missing folder', async () => {
    const real = join(ground.folder, 'real')
    const link = join(ground.folder, 'link')
    writeFileSync(real, '# mine\nold.example ssh-ed25519 AAAA', { mode: 0o644 })
    symlinkSync(real, link)
    const fresh = join(ground.folder, 'made', 'known_hosts')
    const second = await ground.server()
    await trust([host(server.port, { knownHosts: [link] }), host(second.port, { knownHosts: [fresh] })])
    expect(readFileSync(real, 'utf8')).toBe(
      `# mine\nold.example ssh-ed25519 AAAA\n${server.knownHostsLine()}\n`,
    )
    expect([statSync(real).mode & 0o777, statSync(join(ground.folder, 'made')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ])
    expect(readFileSync(fresh, 'utf8')).toBe(`${second.knownHostsLine()}\n`)
  })

  it('says so when the file cannot be written or read, or there is none', async () => {
    mkdirSync(join(ground.folder, 'folder'))
    const unreadable = await trust([host(server.port, { knownHosts: [join(ground.folder, 'folder')] })])
    expect(unreadable.errors.map((error) => error.code)).toEqual(['USAGE'])
    await failure(trust([host(server.port, { knownHosts: [] })]), 'USAGE')
  })
})
