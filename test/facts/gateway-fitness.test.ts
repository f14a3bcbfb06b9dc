import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gatewayFitness, type GatewayFitness } from '../../src/facts/gateway-fitness.js'
import { answersOf } from '../operations/local-shell.js'

let root = ''

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'gw fitness-'))
})

afterAll(() => rm(root, { recursive: true }))

async function askedAbout(device: string, folders: readonly string[]): Promise<GatewayFitness | undefined> {
  const question = {
    stateFile: `${root}/state`,
    livenessFile: `${root}/liveness`,
    interface: device,
    current: `${root}/current`,
    folders,
  }
  const [, second] = await answersOf(gatewayFitness, [question, question])
  return second
}

describe('the fitness of a gateway, asked by a real shell', () => {
  it('is that of a bare host while nothing is there', async () => {
    expect(await askedAbout('nowhere', [`${root}/none`])).toMatchObject({
      nginxState: null,
      livenessState: null,
      linkUp: false,
      release: null,
      folders: [],
    })
  })

  it('tells the state of NGINX, the link, the release, the room and the time', async () => {
    await writeFile(`${root}/state`, '1\nmore\n')
    await writeFile(`${root}/liveness`, '0\n')
    await mkdir(`${root}/releases/v1.2`, { recursive: true })
    await symlink(`${root}/releases/v1.2`, `${root}/current`)
    // Readable by everybody and writable by nobody, whoever asks.
    const [writable, readOnly] = ['/tmp', '/proc/sys']
    const fitness = await askedAbout('lo', [writable, readOnly])
    expect(fitness).toMatchObject({ nginxState: '1', livenessState: '0', linkUp: true, release: 'v1.2' })
    expect(fitness?.folders).toMatchObject([
      { path: writable, writable: true, freeBytes: expect.any(Number) as number },
      { path: readOnly, writable: false, freeBytes: 0, freeInodes: null },
    ])
    expect(Math.abs((fitness?.now ?? 0) - Date.now() / 1000)).toBeLessThan(2)
  })
})
