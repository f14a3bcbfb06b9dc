import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keysOfAgent } from '../../src/doctor/agent.js'
import { examineMachine } from '../../src/doctor/machine.js'
import { host } from './examination.js'

let folder: string
const servers: Server[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-doctor-'))
})

afterEach(async () => {
  for (const server of servers.splice(0)) server.close()
  await rm(folder, { recursive: true })
})

/** An agent that answers every question with these bytes, a piece at a time, and then hangs up. */
async function agent(...pieces: readonly number[][]): Promise<string> {
  const path = join(folder, 'agent')
  const server = createServer((socket) => {
    socket.once('data', () => {
      for (const piece of pieces) socket.write(Buffer.from(piece))
      socket.end()
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return path
}

describe('the keys of an ssh agent', () => {
  it('are counted, also when the answer comes in pieces', async () => {
    expect(await keysOfAgent(await agent([0, 0], [0, 200, 12, 0], [0, 0, 3, 9, 9]))).toBe(3)
  })

  it.each([
    ['refuses', [[0, 0, 0, 1, 5, 0, 0, 0, 0]]],
    ['is no agent', [[...Buffer.from('HTTP/1.1 400 Bad Request')]]],
    ['hangs up', []],
  ])('are unknown when it %s', async (_what, pieces) => {
    expect(await keysOfAgent(await agent(...pieces))).toBeNull()
  })

  it('are unknown where there is none', async () => {
    expect(await keysOfAgent(join(folder, 'nothing'))).toBeNull()
  })
})

describe('this machine', () => {
  it('is looked at once for what hosts and the jump hosts before them share', async () => {
    const [key, gone, known] = ['key', 'gone', 'known_hosts'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    await writeFile(key, '')
    await writeFile(known, '')
    await chmod(key, 0o640)
    await chmod(known, 0o600)
    const socket = await agent([0, 0, 0, 5, 12, 0, 0, 0, 0])
    const one = host('gw-1', '10.0.1.101')
    const hop = { ...one.connection, identityFiles: [gone], agent: socket }
    const connection = { ...one.connection, jump: [hop], identityFiles: [key], knownHosts: [known, gone] }
    const hosts = [
      { ...one, connection },
      { ...host('gw-2', '10.0.1.102'), connection },
    ]

    expect(await examineMachine(hosts, 'v20.19.0')).toEqual({
      node: 'v20.19.0',
      agents: [{ socket, keys: 0 }],
      identityFiles: [
        { path: gone, problem: 'there is no such file', mode: 0 },
        { path: key, problem: null, mode: 0o640 },
      ],
      knownHosts: [{ path: known, problem: null, mode: 0o600 }],
    })
  })
})
