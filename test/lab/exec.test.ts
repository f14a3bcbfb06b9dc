import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyCharacter } from '../any-character.js'
import { expectFailure, outputOf } from './fixtures/failure.js'
import { gw, startGw } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'

const lab = ownLab()
const { inventory } = lab
const customers = ['customer-1', 'customer-2', 'customer-3']

/** A program that prints each of its words as hexadecimal digits, a line a word. */
const HEX = `for word; do printf %s "$word" | od -An -v -tx1 | tr -d ' \\n'; echo; done`

async function received(words: readonly string[]): Promise<string[]> {
  const result = await gw(['exec', inventory, 'gw-1', '--json', '--', 'sh', '-c', HEX, 'sh', ...words])
  expect(result.status).toBe(0)
  const lines = outputOf(result.json(), 'gw-1').stdout.split('\n').slice(0, -1)
  return lines.map((hex) => Buffer.from(hex, 'hex').toString())
}

describe('the words of gw exec', () => {
  it('arrive as given: spaces, quotes, what a shell would expand, and what looks like a flag of gw', async () => {
    const words = [
      'a b',
      '',
      `it's`,
      '"',
      '$(id)',
      '`id`',
      '*',
      '~',
      '\\',
      '\n',
      'é€🦊',
      ';',
      '&',
      '--',
      '--json',
    ]
    expect(await received(words)).toEqual(words)
  })

  it('arrive in their order, also when one occurs twice or is a word of the command line', async () => {
    const words = [
      'b',
      'a',
      'b',
      'gw-1',
      inventory,
      'exec',
      '--json',
      '--',
      'sh',
      '--help',
      '-v',
      '--limit',
      'a',
    ]
    expect(await received(words)).toEqual(words)
  })

  it('arrive as given, whatever they are', async () => {
    const word = fc.string({ unit: anyCharacter, maxLength: 20 }).filter((text) => !text.includes('\0'))
    const words = fc.sample(word, { seed: 7, numRuns: 300 })
    expect(await received(words)).toEqual(words)
  })

  it('are a line for the host’s shell when there is one only', async () => {
    const line = `set -- x y; echo "$#" | tr 2 3; echo $((1 + 1)) >&2`
    const result = await gw(['exec', inventory, 'gw-1', '--', line])
    expect(result).toMatchObject({ status: 0, stdout: 'gw-1  3\n', stderr: 'gw-1  2\n' })
  })

  it('are asked for when there are none', async () => {
    for (const end of [[], ['--']]) {
      expectFailure(await gw(['exec', inventory, 'gw-1', '--json', ...end]), { code: 'USAGE', status: 2 })
    }
  })

  it('must follow --, so that none is taken for gw’s own', async () => {
    const result = await gw(['exec', inventory, 'gw-1', 'hostname', '--json'])
    expect(expectFailure(result, { code: 'USAGE', status: 2 }).error?.message).toContain('hostname')
  })
})

describe('a command on hosts', () => {
  it('finds its standard input empty', async () => {
    const result = await gw(['exec', inventory, 'gw-1', '--', 'cat | wc -c'], { input: 'not for the host' })
    expect(result).toMatchObject({ status: 0, stdout: 'gw-1  0\n' })
  })

  it('shows every host’s lines whole behind its name, and stderr apart', async () => {
    const line =
      'for i in $(seq 200); do printf "%s " "$i"; echo "$(hostname)"; done; echo "e $(hostname)" >&2'
    const { status, stdout, stderr } = await gw(['exec', inventory, 'customer', '--', line])
    expect(status).toBe(0)
    const lines = stdout.split('\n').slice(0, -1)
    for (const host of customers) {
      const own = lines.filter((text) => text.startsWith(`${host}  `))
      expect(own).toEqual(Array.from({ length: 200 }, (_, index) => `${host}  ${index + 1} ${host}`))
    }
    expect(lines).toHaveLength(600)
    expect(stderr.split('\n').sort()).toEqual(['', ...customers.map((host) => `${host}  e ${host}`)])
  })

  it('shows lines as they come, not when the command ends', async () => {
    const gate = '/tmp/gw-test-exec-gate'
    await hostSays('gw-1', `rm -f ${gate}`)
    const line = `echo begun; until [ -e ${gate} ]; do sleep 0.05; done; rm ${gate}; echo ended`
    const running = startGw(['exec', inventory, 'gw-1', '--', line])
    await running.shows('gw-1  begun\n')
    await hostSays('gw-1', `touch ${gate}`)
    expect(await running.ended).toMatchObject({ status: 0, stdout: 'gw-1  begun\ngw-1  ended\n' })
  })

  it('ends with 3 when it failed on a host, and shows the others’ results', async () => {
    const line = '[ "$(hostname)" != customer-2 ] || exit 7; echo fine'
    const text = await gw(['exec', inventory, 'customer', '--', line])
    expect(text.status).toBe(3)
    expect(text.stdout.split('\n').sort()).toEqual(['', 'customer-1  fine', 'customer-3  fine'])
    expect(text.stderr).toContain('Error COMMAND_FAILED customer-2: ')
    const json = await gw(['exec', inventory, 'customer', '--json', '--', line])
    const envelope = expectFailure(json, { code: 'COMMAND_FAILED', status: 3, host: 'customer-2' })
    expect(outputOf(envelope, 'customer-2')).toEqual({ status: 7, stdout: '', stderr: '' })
    expect(outputOf(envelope, 'customer-3')).toEqual({ status: 0, stdout: 'fine\n', stderr: '' })
  })

  it('gives --json one object with the hosts in the order of the inventory, whoever answers first', async () => {
    const line = 'case $(hostname) in *-1) sleep 0.3;; *-2) sleep 0.1;; esac; hostname; id -un >&2'
    const result = await gw(['exec', inventory, 'customer', '--json', '--', line])
    expect(result.stderr).toBe('')
    const envelope = result.json()
    expect(envelope).toMatchObject({
      schemaVersion: 1,
      command: 'exec',
      environment: lab.name,
      ok: true,
      exitCode: 0,
      warnings: [],
      error: null,
    })
    expect(Object.entries(envelope.hosts)).toEqual(
      customers.map((host) => [host, { outcome: 'changed', changes: [] }]),
    )
    expect(Object.entries(envelope['output'] as object)).toEqual(
      customers.map((host) => [host, { status: 0, stdout: `${host}\n`, stderr: 'root\n' }]),
    )
  })

  it('goes to the hosts that both the pattern and --limit name, wherever the flags stand', async () => {
    for (const args of [
      ['exec', '--json', '--limit', 'customer-3,customer-1', inventory, 'customer'],
      ['exec', inventory, '--limit=customer', 'customer-1,customer-3', '--json'],
      ['exec', inventory, 'customer,gw-1', '--json', '--limit', 'customer-1,mon-1,customer-3'],
    ]) {
      const result = await gw([...args, '--', 'hostname'])
      expect(result.status).toBe(0)
      expect(Object.keys(result.json().hosts)).toEqual(['customer-1', 'customer-3'])
    }
  })

  it('is refused where there is no such host, or none is left', async () => {
    for (const args of [['customer-9'], ['gw-1', '--limit', 'customer']]) {
      const result = await gw(['exec', inventory, ...args, '--json', '--', 'hostname'])
      expectFailure(result, { code: 'UNKNOWN_HOST_OR_GROUP', status: 2 })
    }
  })
})
