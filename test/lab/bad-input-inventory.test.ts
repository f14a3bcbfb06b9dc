import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectDir } from '../../src/lab/project-dir.js'
import { expectFailure } from './fixtures/failure.js'
import { gw, rawInventory } from './fixtures/gw.js'
import { ownLab } from './fixtures/lab.js'

const CANARY = '/tmp/gw-canary-inventory'
/** Whatever a terminal would obey; the frames show a user's file, which may come from somebody else. */
const OBEYED = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

/** As messages name a file: from the folder that gw was started in. */
function shown(file: string): string {
  return relative(projectDir(), file)
}

/** Each text, and where the mistake is: line, column, and a word of the message. */
const REFUSED = [
  {
    what: 'two hosts with one name',
    text: 'hosts:\n  a: { address: 10.0.0.1 }\n  a: { address: 10.0.0.2 }\n',
    line: 3,
    column: 3,
    word: 'written twice',
  },
  {
    what: 'two hosts with one name, one of them by a range',
    text: 'hosts:\n  "a-[1:3]": { address: "10.0.0.[1:3]" }\n  a-2: { address: 10.0.0.9 }\n',
    line: 3,
    column: 3,
    word: 'a-2',
  },
  {
    what: 'a group with a host that is not there',
    text: 'hosts:\n  web-1: { address: 10.0.0.1 }\ngroups:\n  web: { hosts: [web-2] }\n',
    line: 4,
    column: 18,
    word: 'web-2',
  },
  {
    what: 'a group with a child that is not there',
    text: 'hosts:\n  web-1: { address: 10.0.0.1 }\ngroups:\n  web: { hosts: [web-1] }\n  all-web: { children: [wep] }\n',
    line: 5,
    column: 25,
    word: '`web`',
  },
  {
    what: 'a tab as indentation',
    text: 'hosts:\n\tweb-1: { address: 10.0.0.1 }\n',
    line: 2,
    column: 1,
    word: 'tab',
  },
  {
    what: 'a key written twice',
    text: 'confirm: none\nconfirm: yes\nhosts:\n  a: { address: 10.0.0.1 }\n',
    line: 2,
    column: 1,
    word: 'written twice',
  },
  {
    what: 'an address with a command',
    text: `hosts:\n  a: { address: "$(touch ${CANARY})" }\n`,
    line: 2,
    column: 17,
    word: 'address',
  },
  {
    what: 'a name with quotes and a command',
    text: `hosts:\n  "a'; touch ${CANARY}; '": { address: 10.0.0.1 }\n`,
    line: 2,
    column: 3,
    word: 'host name',
  },
  {
    what: 'a newline in a value',
    text: 'hosts:\n  a: { address: "10.0.0.1\\nProxyCommand x" }\n',
    line: 2,
    column: 17,
    word: 'U+000A',
  },
  {
    what: 'a NUL, escaped, in a value',
    text: 'hosts:\n  a: { address: 10.0.0.1, values: { v: "x\\0y" } }\n',
    line: 2,
    column: 40,
    word: 'U+0000',
  },
  {
    what: 'a NUL as it is',
    text: 'hosts:\n  a: { address: 10.0.0.1, values: { v: "x\0y" } }\n',
    line: 2,
    column: 42,
    word: 'U+0000',
  },
  {
    what: 'an escape code as it is',
    text: 'hosts:\n  a: { address: 10.0.0.1, values: { v: "x\u001b[2Jy" } }\n',
    line: 2,
    column: 42,
    word: 'U+001B',
  },
] as const

describe.each(REFUSED)('$what', ({ text, line, column, word }) => {
  test('is refused with its place, before any host is reached', async () => {
    const file = rawInventory(text)
    const result = await gw(['plan', file, '--json'])
    const envelope = expectFailure(result, { code: 'INVENTORY_INVALID', status: 2 })
    expect(envelope.error).toMatchObject({ at: { file: shown(file), line, column } })
    expect(envelope.error?.message).toContain(word)
    expect(existsSync(CANARY)).toBe(false)
  })
})

test('a mistake is shown with its line, a mark under it, and nothing that a terminal would obey', async () => {
  const file = rawInventory(
    'hosts:\n  a: { address: 10.0.0.1, values: { v: "x\u001b[2Jy\u202e" }, adress: 1 }\n',
  )
  const { status, stdout, stderr } = await gw(['inventory', 'validate', file])
  expect(status).toBe(2)
  expect(stderr).toContain(`  at ${shown(file)}:2:42`)
  expect(stderr).toMatch(/> 2 \| {3}a: \{ address/)
  expect(stderr).toMatch(/\| +\^/)
  expect(OBEYED.exec(stdout + stderr)).toBeNull()
})

describe('a host or group that is not there', () => {
  const { inventory } = ownLab()

  test.each([
    { what: '--limit', words: ['plan', inventory, '--limit', 'gatewys'], meant: '`gateways`' },
    { what: 'exec', words: ['exec', inventory, 'custmer', '--', 'true'], meant: '`customer`' },
    { what: 'an exception', words: ['exec', inventory, 'all,!gw-3', '--', 'true'], meant: '`gw-' },
  ])('in $what is refused with the nearest name', async ({ words: [command = '', ...words], meant }) => {
    const result = await gw([command, '--json', ...words])
    const envelope = expectFailure(result, { code: 'UNKNOWN_HOST_OR_GROUP', status: 2 })
    expect(envelope.error?.message).toContain(meant)
  })

  test.each([
    { what: 'is excluded again', words: ['exec', inventory, 'admin,!admin', '--', 'true'] },
    { what: 'is not in --limit', words: ['exec', inventory, 'admin', '--limit', 'customer', '--', 'true'] },
  ])('is told from one that $what', async ({ words: [command = '', ...words] }) => {
    expectFailure(await gw([command, '--json', ...words]), { code: 'UNKNOWN_HOST_OR_GROUP', status: 2 })
  })
})

describe('values that a shell would obey', () => {
  test('are data: they are shown as they are, and nothing runs', async () => {
    const value = `quotes ' " \`touch ${CANARY}\` $(touch ${CANARY}) \\ ; & | é`
    const text = `hosts:\n  a: { address: 10.0.0.1, values: { v: ${JSON.stringify(value)} } }\n`
    const file = rawInventory(text)
    const result = await gw(['inventory', 'show', file, '--json'])
    expect(result.status).toBe(0)
    expect(JSON.stringify(result.json()['inventory'])).toContain(JSON.stringify(value).slice(1, -1))
    expect(existsSync(CANARY)).toBe(false)
  })
})
