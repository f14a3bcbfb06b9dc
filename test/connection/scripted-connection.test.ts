import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/connection/connection.js'
import type { HostConnection } from '../../src/model/host.js'
import { GwError } from '../../src/errors.js'
import { always, inTurn, request, ScriptedDriver, type ScriptedHost } from '../fakes/scripted-connection.js'
import { failure } from './ground.js'

const TARGET: HostConnection = {
  address: 'gw-1.example',
  port: 22,
  user: 'gw',
  identityFiles: [],
  agent: null,
  knownHosts: [],
  driver: 'ssh2',
  jump: [],
  become: { method: 'none' },
  connectTimeoutMs: 1000,
}

async function connected(script: ScriptedHost): Promise<[Connection, ScriptedDriver]> {
  const driver = new ScriptedDriver({ 'gw-1': script })
  return [await driver.connect(TARGET, { host: 'gw-1' }), driver]
}

describe('a scripted connection', () => {
  it('replies as its script says, and keeps what was sent', async () => {
    const [connection, driver] = await connected(
      always({
        output: [
          { to: 'stdout', text: 'a' },
          { to: 'stderr', text: 'b' },
        ],
        end: { exit: 3 },
      }),
    )
    const seen: string[] = []
    const result = await connection.exec(
      request('sh -s', {
        input: Buffer.from('program'),
        onStdout: (chunk) => seen.push(`out ${Buffer.from(chunk).toString()}`),
        onStderr: (chunk) => seen.push(`err ${Buffer.from(chunk).toString()}`),
      }),
    )
    expect(result).toEqual({ exitCode: 3, signal: null })
    expect(seen).toEqual(['out a', 'err b'])
    expect(driver.sent).toEqual([{ host: 'gw-1', command: 'sh -s', input: 'program' }])
    expect(connection.traffic).toEqual({ channels: 1, bytesSent: 12, bytesReceived: 2 })
  })

  it('fails as a real one does', async () => {
    const [connection, driver] = await connected(
      inTurn({ end: 'hang' }, { end: 'flood' }, { output: [{ to: 'stdout', text: 'half' }], end: 'drop' }),
    )
    await failure(connection.exec(request('a', { deadlineMs: 20 })), 'DEADLINE_PASSED')
    await failure(connection.exec(request('b')), 'OUTPUT_TOO_LARGE')
    await failure(connection.exec(request('c')), 'CONNECTION_LOST')
    await failure(connection.exec(request('d')), 'CONNECTION_LOST')
    expect(driver.open).toBe(1)
    await connection.close()
    expect(driver.open).toBe(0)
  })

  it('does not connect when the script says so', async () => {
    const refused = new GwError('CONNECTION_REFUSED', 'no', { host: 'gw-1' })
    await failure(
      new ScriptedDriver({ 'gw-1': refused }).connect(TARGET, { host: 'gw-1' }),
      'CONNECTION_REFUSED',
    )
  })

  it('passes on a fault of whoever takes the output, and ends the command', async () => {
    const [connection] = await connected(always({ output: [{ to: 'stdout', text: 'x' }], end: 'hang' }))
    const onStdout = () => {
      throw new Error('a fault in the parser')
    }
    await expect(connection.exec(request('a', { onStdout }))).rejects.toThrow('a fault in the parser')
  })
})
