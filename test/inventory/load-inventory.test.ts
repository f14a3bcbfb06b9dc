import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaultEnvironment } from '../../src/inventory/default-environment.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import { findProject, listEnvironments } from '../../src/inventory/project.js'
import { describeValidation, validateInventories } from '../../src/inventory/validate-inventories.js'

const SMALL = 'hosts:\n  gw-1:\n    address: 10.0.1.101\n'

let project = ''

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'gw-inventory-'))
  await mkdir(join(project, 'inventory'))
  await mkdir(join(project, 'deep/er'), { recursive: true })
})

afterEach(() => rm(project, { recursive: true }))

function write(name: string, content: string | Uint8Array): Promise<void> {
  return writeFile(join(project, name), content)
}

function load(name: string, env: Record<string, string> = { HOME: project, USER: 'ann' }) {
  return loadInventory(name, { projectDir: project, env, cwd: project })
}

describe('an inventory is found', () => {
  test('by the name of its environment, which is the name of the file', async () => {
    await write('inventory/blue.yml', SMALL)
    const inventory = await load('blue')
    expect(inventory).toMatchObject({ environment: 'blue', file: join(project, 'inventory/blue.yml') })
  })

  test('by path', async () => {
    await write('hosts.ini', 'gw-1 ansible_host=10.0.1.101\n')
    expect((await load('./hosts.ini')).hosts.map((host) => host.connection.address)).toEqual(['10.0.1.101'])
  })

  test('by path when it is an Ansible inventory without an extension', async () => {
    await write('hosts', '[web]\nweb1\n')
    expect((await load('./hosts')).groups).toEqual({ all: ['web1'], web: ['web1'] })
  })

  test('by path, and has the name of its folder when the file has a general name', async () => {
    await mkdir(join(project, 'lab/.labs/blue'), { recursive: true })
    await write('inventory/lab.yml', `${SMALL}connection:\n  identity_file: ../key\n`)
    await write(
      'lab/.labs/blue/inventory.yml',
      'extends: ../../../inventory/lab.yml\nconnection: { known_hosts: known_hosts }\nhosts: { gw-1: { address: 198.18.9.1 } }\n',
    )
    const inventory = await load('lab/.labs/blue/inventory.yml')
    expect(inventory.environment).toBe('blue')
    expect(inventory.hosts[0]?.connection).toMatchObject({
      address: '198.18.9.1',
      identityFiles: [join(project, 'key')],
      knownHosts: [join(project, 'lab/.labs/blue/known_hosts')],
    })
  })

  test('not when the name of the file cannot name an environment', async () => {
    await write('two words.yml', SMALL)
    await expect(load('./two words.yml')).rejects.toMatchObject({ code: 'INVENTORY_INVALID' })
  })

  test('in the nearest folder above that has inventories', async () => {
    await write('inventory/blue.yml', SMALL)
    await mkdir(join(project, 'deep/inventory'))
    expect(findProject(join(project, 'deep/er'))).toBe(project)
    expect(listEnvironments(project)).toEqual(['blue'])
  })

  test('in the package when no folder above has one', () => {
    expect(listEnvironments(findProject('/'))).toEqual(['lab', 'production', 'staging'])
  })
})

describe('an inventory that cannot be read is an error that', () => {
  test('names the nearest environment', async () => {
    await write('inventory/production.yml', SMALL)
    await expect(load('prodcution')).rejects.toMatchObject({
      code: 'INVENTORY_NOT_FOUND',
      exitCode: 2,
      message: expect.stringContaining('did you mean `production`?') as string,
      nextSteps: ['gw inventory show production'],
    })
  })

  test.each(['a b', '', '$(id)', '..', 'a\0b', '-x', '~'])(
    'never looks outside for the name %j',
    async (name) => {
      await expect(load(name)).rejects.toMatchObject({ code: 'INVENTORY_NOT_FOUND' })
    },
  )

  test('says that a file is too large, not UTF-8, or no file', async () => {
    await write('inventory/large.yml', `# ${'x'.repeat(600 * 1024)}\n${SMALL}`)
    await write('inventory/latin.yml', Uint8Array.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]))
    await expect(load('large')).rejects.toMatchObject({ code: 'INVENTORY_INVALID' })
    await expect(load('latin')).rejects.toMatchObject({ code: 'INVENTORY_INVALID' })
    await expect(load(`${project}/inventory`)).rejects.toMatchObject({ code: 'INVENTORY_NOT_FOUND' })
  })

  test('points at a control character anywhere in the file', async () => {
    await write('inventory/nul.yml', `${SMALL}# a\0b\n`)
    await expect(load('nul')).rejects.toMatchObject({
      message: 'the file holds the character U+0000, which is not allowed',
      at: { line: 4, column: 4 },
      frame: expect.stringContaining('# a\ufffdb') as string,
    })
  })

  test.each(['[', '{a: ', '- ', '? ', '&a [', '!!seq ['])('survives %j ten thousand times', async (piece) => {
    await write('inventory/deep.yml', piece.repeat(10_000))
    await expect(load('deep')).rejects.toMatchObject({ code: 'INVENTORY_INVALID' })
  })
})

describe('an inventory that is too much is refused', () => {
  test.each(['a[1:9]', '[1:999999999]', 'a[1:1024]b[1:2]'])(
    'for the range %s many times over',
    async (range) => {
      await write('many.ini', `${range.repeat(5000)}\n`)
      await expect(load('./many.ini')).rejects.toMatchObject({ code: 'INVENTORY_INVALID' })
    },
  )
})

describe('an inventory leaves to the user', () => {
  test('the name, the agent, and the keys that ssh would try when there is no agent', async () => {
    await write('inventory/blue.yml', SMALL)
    await mkdir(join(project, '.ssh'))
    await write('.ssh/id_ed25519', '')
    const agentless = (await load('blue')).hosts[0]?.connection
    expect(agentless).toMatchObject({
      user: 'ann',
      agent: null,
      identityFiles: [join(project, '.ssh/id_ed25519')],
    })
    const withAgent = (await load('blue', { HOME: project, USER: 'bob', SSH_AUTH_SOCK: '/run/a' })).hosts[0]
      ?.connection
    expect(withAgent).toMatchObject({ user: 'bob', agent: '/run/a', identityFiles: [] })
  })
})

describe('the environment of a command that names none', () => {
  const options = (env: Record<string, string> = {}) => ({ projectDir: project, env, cwd: project })

  test('is GW_ENV, else default_environment of gw.yml', async () => {
    await write('gw.yml', 'default_environment: blue\n')
    expect(await defaultEnvironment(options({ GW_ENV: 'green' }))).toBe('green')
    expect(await defaultEnvironment(options())).toBe('blue')
  })

  test('is an error when neither says one', async () => {
    await expect(defaultEnvironment(options())).rejects.toMatchObject({ code: 'USAGE', exitCode: 2 })
  })

  test('is an error at the place of a mistyped key', async () => {
    await write('gw.yml', 'default_enviroment: blue\n')
    await expect(defaultEnvironment(options())).rejects.toMatchObject({
      code: 'INVENTORY_INVALID',
      message: 'gw.yml has no key `default_enviroment`; did you mean `default_environment`?',
      at: { file: 'gw.yml', line: 1, column: 1 },
    })
  })
})

describe('validating inventories', () => {
  test('tells of every one of the project, the good and the bad', async () => {
    await write('inventory/good.yml', SMALL)
    await write('inventory/bad.yml', 'hosts: 1\n')
    const validations = await validateInventories([], { projectDir: project, env: {}, cwd: project })
    expect(validations.map(describeValidation)).toEqual(['bad  refused', 'good  ok, 1 host in 0 groups'])
  })

  test('is an error when there is none', async () => {
    const validating = validateInventories([], { projectDir: project, env: {} })
    await expect(validating).rejects.toMatchObject({ code: 'INVENTORY_NOT_FOUND' })
  })
})
