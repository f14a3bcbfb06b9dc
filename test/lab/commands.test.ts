import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectDir } from '../../src/lab/project-dir.js'
import { TcpRelay } from '../fakes/tcp-relay.js'
import { expectFailure } from './fixtures/failure.js'
import { gw, rawInventory, variantInventory } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'

const lab = ownLab()

const manifest = JSON.parse(readFileSync(join(projectDir(), 'oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, unknown>
}
/** Every command as the words to type. */
const commands = Object.keys(manifest.commands).map((id) => id.split(':'))

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gw-commands-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

describe('gw inventory', () => {
  it('shows the hosts of an environment', async () => {
    const result = await gw(['inventory', 'show', lab.inventory])
    expect(result).toMatchObject({ status: 0, stderr: '' })
    for (const [host, address] of Object.entries(lab.addresses)) {
      expect(result.stdout).toMatch(new RegExp(`^${host} +.*${address.replaceAll('.', '\\.')}`, 'm'))
    }
    const json = (await gw(['inventory', 'show', lab.inventory, '--json', '--host', 'gw-1'])).json()
    expect(json).toMatchObject({ environment: lab.name, inventory: { hosts: { 'gw-1': {} } } })
  })

  it('accepts the inventories of the project', async () => {
    const result = await gw(['inventory', 'validate', '--json'])
    expect(result.status).toBe(0)
    const inventories = Object.fromEntries(
      ['lab', 'production', 'staging'].map((name) => [name, { ok: true }]),
    )
    expect(result.json()).toMatchObject({ ok: true, inventories })
  })

  const BAD = [
    {
      what: 'two hosts with one name',
      text: 'hosts:\n  web-[1:2]:\n    address: 10.0.0.[1:2]\n  web-2:\n    address: 10.0.0.3\n',
      line: 4,
      shows: 'web-2',
    },
    {
      what: 'a group that is not there',
      text: 'hosts:\n  web-1:\n    address: 10.0.0.1\ngroups:\n  all-webs:\n    children: [webs]\n',
      line: 6,
      shows: 'children: [webs]',
    },
    {
      what: 'a tab as indentation',
      text: 'hosts:\n  web-1:\n\taddress: 10.0.0.1\n',
      line: 3,
      shows: 'address: 10.0.0.1',
    },
    {
      what: 'a key written twice',
      text: 'hosts:\n  web-1:\n    address: 10.0.0.1\n    address: 10.0.0.2\n',
      line: 4,
      shows: 'address: 10.0.0.2',
    },
  ]

  it.each(BAD)('shows the place of $what, with exit code 2', async ({ text, line, shows }) => {
    const path = relative(projectDir(), rawInventory(text))
    for (const words of [['inventory', 'show'], ['inventory', 'validate'], ['plan']]) {
      const result = await gw([...words, path])
      expect(result.status).toBe(2)
      expect(result.stderr).toContain('Error INVENTORY_INVALID')
      expect(result.stderr).toMatch(new RegExp(`${path}:${line}:\\d+`))
      expect(result.stderr).toContain(shows)
      const { status, stderr, ...json } = await gw([...words, path, '--json'])
      expect({ status, stderr }).toEqual({ status: 2, stderr: '' })
      expect(json.json().error).toMatchObject({ code: 'INVENTORY_INVALID', at: { file: path, line } })
    }
  })
})

describe('gw plan', () => {
  it('says the same as gw deploy --check, with exit code 8', async () => {
    const changed = variantInventory({ gateway: { domain: 'planned.lab.example' } })
    const [plan, check] = [
      await gw(['plan', changed, '--json']),
      await gw(['deploy', changed, '--check', '--json']),
    ]
    expect([plan.status, check.status]).toEqual([8, 8])
    const told = { command: null, run: null, durationMs: null }
    expect({ ...check.json(), ...told }).toEqual({ ...plan.json(), ...told })
    expect(plan.json()['changed']).toBeGreaterThan(0)
    expect(await gw(['deploy', changed, '--dry-run', '--json'])).toMatchObject({ status: 8 })
  })
})

describe('gw run', () => {
  it('runs a playbook that stands anywhere, with the files beside it', async () => {
    writeFileSync(join(folder, 'words.ts'), `export const WORD: string = 'from elsewhere'\n`)
    writeFileSync(
      join(folder, 'motd.ts'),
      `import { file, play, playbook, task } from 'gw'
import { WORD } from './words.js'

export default playbook({
  name: 'motd',
  plays: [
    play({
      name: 'Greet',
      hosts: 'admin',
      tasks: ({ host }) => [
        task('Write', file({ path: '/tmp/gw-test-motd', content: \`\${host.name} \${WORD}\\n\` })),
      ],
    }),
  ],
})
`,
    )
    const words = ['run', './motd.ts', lab.inventory, '--limit', 'admin-1', '--json']
    expect(await gw([...words, '--check'], { cwd: folder })).toMatchObject({ status: 8 })
    expect((await gw(words, { cwd: folder })).json()).toMatchObject({
      ok: true,
      changed: 1,
      hosts: { 'admin-1': { outcome: 'changed', changes: [{ task: 'Write' }] } },
    })
    expect(await hostSays('admin-1', 'cat /tmp/gw-test-motd')).toBe('admin-1 from elsewhere\n')
    expect((await gw(words, { cwd: folder })).json()).toMatchObject({ ok: true, changed: 0 })
    expect(await hostSays('admin-2', 'ls /tmp/gw-test-motd 2>/dev/null || echo none')).toBe('none\n')
    await hostSays('admin-1', 'rm /tmp/gw-test-motd')
  })
})

describe('gw lab', () => {
  it('shows the state of its hosts', async () => {
    const result = await gw(['lab', 'status', '--name', lab.name])
    expect(result).toMatchObject({ status: 0, stderr: '' })
    for (const host of Object.keys(lab.addresses)) {
      expect(result.stdout).toMatch(new RegExp(`^${host} .*running$`, 'm'))
    }
    const json = (await gw(['lab', 'status', '--name', lab.name, '--json'])).json()
    expect(json).toMatchObject({ lab: { name: lab.name, network: `${lab.prefix}.0/24` } })
    expect(await gw(['lab', 'status', '--name', 'no-such-lab', '--json'])).toMatchObject({ status: 0 })
  })

  it('passes the words of a command on as given, and its standard output', async () => {
    const words = ['b', 'a', 'b', 'gw-1', '', '--name', '$(id)', `it's`]
    const told = ['lab', 'ssh', 'gw-1', '--name', lab.name, '--', 'printf', '[%s]', ...words]
    const result = await gw(told)
    expect(result).toMatchObject({ status: 0, stdout: words.map((word) => `[${word}]`).join('') })
  })
})

describe('a word that gw does not know', () => {
  it.each([
    { what: 'a command', words: ['delpoy'], says: 'deploy' },
    { what: 'a command with an argument', words: ['delpoy', 'lab'], says: 'deploy' },
    { what: 'a command of a topic', words: ['inventory', 'shwo'], says: 'inventory show' },
    { what: 'a flag', words: ['plan', 'lab', '--froks', '3'], says: '--froks' },
    { what: 'a value of a flag', words: ['plan', 'lab', '--forks', 'many'], says: 'many' },
    { what: 'one argument too many', words: ['plan', 'lab', 'staging'], says: 'staging' },
  ])('is a usage error: $what', async ({ words, says }) => {
    const text = await gw(words)
    expect({ status: text.status, stdout: text.stdout }).toEqual({ status: 2, stdout: '' })
    expect(text.stderr).toMatch(/^Error USAGE /)
    expect(text.stderr).toContain(says)
    const json = await gw([...words, '--json'])
    expect({ status: json.status, stderr: json.stderr }).toEqual({ status: 2, stderr: '' })
    expect(json.json()).toMatchObject({ ok: false, exitCode: 2, error: { code: 'USAGE' } })
  })
})

describe('--help', () => {
  let relay: TcpRelay

  beforeAll(async () => {
    relay = await TcpRelay.start({ host: lab.addresses['gw-1'] ?? '', port: 22 })
  })
  afterAll(() => relay.close())

  it.each(commands.map((words) => ({ command: words.join(' '), words })))(
    'of gw $command explains it and goes nowhere',
    async ({ words }) => {
      const hosts = { 'gw-1': { address: '127.0.0.1', connection: { port: relay.port } } }
      const env = { GW_ENV: variantInventory({ hosts }) }
      const result = await gw([...words, '--help'], { env })
      expect(result).toMatchObject({ status: 0, stderr: '' })
      expect(result.stdout).toContain('USAGE')
      expect(relay.counts.connections).toBe(0)
    },
  )

  it('of gw itself lists every command and topic', async () => {
    const { status, stdout } = await gw(['--help'])
    expect(status).toBe(0)
    for (const [word] of commands) expect(stdout).toMatch(new RegExp(`^  ${word ?? ''} +\\S`, 'm'))
  })
})

describe('the environment of a command that names none', () => {
  const shown = async (words: readonly string[], options: Parameters<typeof gw>[1]) => {
    const result = await gw(['inventory', 'show', ...words, '--json'], options)
    return result.json().environment ?? result.json().error?.message
  }
  let project: string

  beforeAll(() => {
    project = join(folder, 'project')
    mkdirSync(join(project, 'inventory'), { recursive: true })
    mkdirSync(join(project, 'deep'))
    for (const name of ['blue', 'green', 'red'])
      writeFileSync(join(project, `inventory/${name}.yml`), 'hosts:\n  web-1:\n    address: 10.0.0.1\n')
    writeFileSync(join(project, 'gw.yml'), 'default_environment: blue\n')
  })

  it('is the argument, else GW_ENV, else default_environment of the project’s gw.yml', async () => {
    const cwd = join(project, 'deep')
    expect(await shown([], { cwd, env: { GW_ENV: undefined } })).toBe('blue')
    expect(await shown([], { cwd, env: { GW_ENV: '' } })).toBe('blue')
    expect(await shown([], { cwd, env: { GW_ENV: 'green' } })).toBe('green')
    expect(await shown(['red'], { cwd, env: { GW_ENV: 'green' } })).toBe('red')
    expect(await shown([], { cwd, env: { GW_ENV: 'grene' } })).toContain('did you mean `green`?')
  })

  it('never comes from standard input', async () => {
    const options = { cwd: project, env: { GW_ENV: undefined }, input: 'green\n' }
    expect(await shown([], options)).toBe('blue')
  })

  it('is a usage error where nothing says it', async () => {
    const elsewhere = join(folder, 'elsewhere')
    mkdirSync(join(elsewhere, 'inventory'), { recursive: true })
    writeFileSync(join(elsewhere, 'inventory/only.yml'), 'hosts:\n  web-1:\n    address: 10.0.0.1\n')
    const result = await gw(['plan', '--json'], {
      cwd: elsewhere,
      env: { GW_ENV: undefined },
      input: 'only\n',
    })
    const { error } = expectFailure(result, { code: 'USAGE', status: 2 })
    expect(error?.message).toContain('only')
  })

  it('is what plan takes, too', async () => {
    const result = await gw(['plan', '--json', '--limit', 'gateways'], { env: { GW_ENV: lab.inventory } })
    expect(result.json().environment).toBe(lab.name)
    expect([0, 8]).toContain(result.status)
  })
})
