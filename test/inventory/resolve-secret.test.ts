import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resolveSecret, resolveSecretText } from '../../src/inventory/resolve-secret.js'
import { parseSecretReference } from '../../src/inventory/secret-reference.js'
import type { SecretReference } from '../../src/model/secret.js'

const SENTINEL = 'sentinel-7f3a9c'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-secret-'))
})

afterEach(() => rm(folder, { recursive: true }))

function reference(text: string): SecretReference {
  const parsed = parseSecretReference(text)
  if (parsed === null) throw new TypeError(`${text} is not a reference`)
  return parsed
}

async function reveal(text: string, env: Record<string, string> = {}): Promise<string> {
  const secret = await resolveSecret(reference(text), {
    env: { PATH: process.env['PATH'], ...env },
  })
  return secret.reveal()
}

async function isAlive(pid: number): Promise<boolean> {
  // A process that ended but was not yet collected has an empty command line.
  return readFile(`/proc/${pid}/cmdline`).then(
    (line) => line.length > 0,
    () => false,
  )
}

describe('a secret is', () => {
  test('the value of a variable', async () => {
    expect(await reveal('env:GW_SUDO', { GW_SUDO: SENTINEL })).toBe(SENTINEL)
  })

  test('the first line of a file', async () => {
    await writeFile(join(folder, 'secret'), `${SENTINEL}\r\nuser: ann\n`)
    expect(await reveal(`file:${relative('.', folder)}/secret`)).toBe(SENTINEL)
    expect(await reveal(`file:${folder}/secret`)).toBe(SENTINEL)
    expect(await reveal('file:~/secret', { HOME: folder })).toBe(SENTINEL)
  })

  test('the first line that a command prints, run in the working folder', async () => {
    await writeFile(join(folder, 'store'), `${SENTINEL}\nmore\n`)
    expect(await reveal(`cmd: cat '${folder}/store'`)).toBe(SENTINEL)
    expect(await reveal('cmd:pwd -P')).toBe(await realpath('.'))
    expect(await reveal('cmd:printf "%s" "$GW_SUDO"', { GW_SUDO: SENTINEL })).toBe(SENTINEL)
  })
})

describe('a secret of several lines', () => {
  const KEY = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'

  async function revealText(text: string, env: Record<string, string> = {}): Promise<string> {
    return (await resolveSecretText(reference(text), { env: { PATH: process.env['PATH'], ...env } })).reveal()
  }

  test('is all of a variable, a file, or what a command prints', async () => {
    await writeFile(join(folder, 'key'), KEY)
    expect(await revealText('env:GW_KEY', { GW_KEY: KEY })).toBe(KEY)
    expect(await revealText(`file:${relative('.', folder)}/key`)).toBe(KEY)
    expect(await revealText('file:~/key', { HOME: folder })).toBe(KEY)
    expect(await revealText(`cmd:cat ${folder}/key`)).toBe(KEY)
  })

  test.each([
    ['env:GW_NONE', 'is not set'],
    ['cmd:true', 'is empty'],
    [`cmd:printf 'a\\n\\000b'`, 'holds a NUL character'],
  ])('%s: it %s', async (text, why) => {
    await expect(revealText(text)).rejects.toMatchObject({
      code: 'SECRET_UNAVAILABLE',
      message: `the secret ${text} ${why}`,
    })
  })
})

describe('a secret that is not there is an error about', () => {
  test.each([
    ['env:GW_NONE', 'is not set'],
    ['env:GW_EMPTY', 'is empty'],
    ['file:none', 'cannot be read'],
    ['file:.', 'cannot be read'],
    ['cmd:true', 'is empty'],
    [`cmd:echo ${SENTINEL} >&2; echo ${SENTINEL}; exit 3`, 'ended with exit code 3'],
    [`cmd:echo ${SENTINEL}; kill -9 $$`, 'was ended by a signal'],
    ['cmd:yes', 'printed more than 64 KiB'],
    [`cmd:printf 'a\\000b'`, 'holds a NUL character'],
  ])('%s: it %s', async (text, why) => {
    await expect(reveal(text, { GW_EMPTY: '' })).rejects.toMatchObject({
      code: 'SECRET_UNAVAILABLE',
      exitCode: 2,
      message: `the secret ${text} ${why}`,
    })
  })

  test('a command that does not end, whose children end with it', async () => {
    const pidFile = join(folder, 'pid')
    const fetching = resolveSecret(reference(`cmd:sh -c 'echo $$ > ${pidFile}; exec sleep 600'; true`), {
      env: process.env,
      deadlineMs: 300,
    })
    await expect(fetching).rejects.toMatchObject({
      message: expect.stringContaining('did not end within 0.3 s') as string,
    })
    const pid = Number(await readFile(pidFile, 'utf8'))
    await expect.poll(() => isAlive(pid)).toBe(false)
  })
})

describe('a secret is never shown', () => {
  test('by any way of printing it', async () => {
    const secret = await resolveSecret(reference('env:S'), { env: { S: SENTINEL } })
    const error = new Error(`failed with ${String(secret)}`, { cause: secret })
    const shown = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ a: [secret] }, { showHidden: true }),
      inspect(error),
    ]
    shown.push(error.stack ?? '', secret.toString(), JSON.stringify(Object.entries(secret)), [secret].join())
    expect(shown.join('\n')).not.toContain(SENTINEL)
  })

  test('by the error of a command or a file that printed it and failed', async () => {
    const path = join(folder, 'secret')
    await writeFile(path, `\n${SENTINEL}\n`)
    for (const text of [`file:${path}`, `cmd:cat ${path}; exit 1`, `cmd:cat ${path} >&2; exit 1`]) {
      const error: unknown = await reveal(text).catch((cause: unknown) => cause)
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SENTINEL)
    }
  })
})

test.each(['hunter2', 'env:', 'env:A B', 'file:', 'cmd:', 'vault:x', 'ENV:X', ''])(
  '%j is not a reference',
  (text) => {
    expect(parseSecretReference(text)).toBeNull()
  },
)
