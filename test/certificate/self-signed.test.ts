import { X509Certificate } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from './folder.js'
import { expectConsistent, keep, KEPT_FILES, modeOf, readFolder, writeFolder } from './kept-folder.js'
import { curveKey, DOMAIN, make, makeAuthority, NOW } from './workshop.js'

const DAY = 86_400_000
const ECDSA = `${DOMAIN}.ecdsa`
const RSA = `${DOMAIN}.rsa`

// RSA keys take long to make: a first gw makes all, and every test starts from a copy of what it left.
let first = ''
let made: ReadonlyMap<string, string> = new Map()

beforeAll(async () => {
  first = await mkdtemp(join(tmpdir(), 'gw-certificate-'))
  const before = process.umask(0o077)
  await keep(join(first, 'deep', 'tls')).finally(() => process.umask(before))
  made = await readFolder(join(first, 'deep', 'tls'))
})

afterAll(() => rm(first, { recursive: true }))

async function copy(...without: readonly string[]): Promise<string> {
  const folder = await temporaryFolder()
  await writeFolder(folder, new Map([...made].filter(([name]) => !without.includes(name))))
  return folder
}

/** The files that are not as the first gw left them. */
async function changedIn(folder: string): Promise<string[]> {
  return [...(await readFolder(folder))]
    .filter(([name, text]) => made.get(name) !== text)
    .map(([name]) => name)
}

function after(days: number): Date {
  return new Date(NOW.getTime() + days * DAY)
}

describe('a folder that was not there', () => {
  test('holds a CA, two certificates and their keys, closed to others whatever the umask', async () => {
    const folder = join(first, 'deep', 'tls')
    expect([...made.keys()]).toEqual(KEPT_FILES)
    expect(await modeOf(folder)).toBe('700')
    for (const name of KEPT_FILES)
      expect(`${name} ${await modeOf(join(folder, name))}`).toBe(
        `${name} ${name.endsWith('.key') ? '600' : '644'}`,
      )
  })

  test('gives what it holds, without a warning', async () => {
    const folder = await copy()
    const loaded = await keep(folder)
    await expectConsistent(folder, loaded)
    expect(loaded.warnings).toEqual([])
    expect(inspect(loaded, { depth: 10, showHidden: true })).not.toContain('PRIVATE KEY')
  })

  test.each([
    ['ca.crt', 3652],
    [`${ECDSA}.crt`, 397],
    [`${RSA}.crt`, 397],
  ])('holds %s for %i days, from an hour ago', (name, days) => {
    const { validFrom, validTo } = new X509Certificate(made.get(name) ?? '')
    expect(Date.parse(validFrom)).toBe(NOW.getTime() - 3_600_000)
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(days * DAY)
  })
})

describe('a folder that is there', () => {
  test('keeps its mode', async () => {
    const folder = await copy(`${ECDSA}.crt`)
    await chmod(folder, 0o755)
    await keep(folder)
    expect(await modeOf(folder)).toBe('755')
  })

  test.each<[missing: string[], makes: string[]]>([
    [[], []],
    [['ca.key'], []],
    [['ca.crt'], ['ca.crt']],
    [[`${ECDSA}.crt`], [`${ECDSA}.crt`]],
    [[`${RSA}.crt`], [`${RSA}.crt`]],
    [[`${ECDSA}.key`], [`${ECDSA}.crt`, `${ECDSA}.key`]],
    [
      ['ca.crt', `${RSA}.crt`],
      [`${RSA}.crt`, 'ca.crt'],
    ],
    [
      ['ca.crt', 'ca.key'],
      [`${ECDSA}.crt`, `${RSA}.crt`, 'ca.crt', 'ca.key'],
    ],
    [
      [`${ECDSA}.crt`, `${RSA}.crt`, 'ca.crt'],
      [`${ECDSA}.crt`, `${RSA}.crt`, 'ca.crt'],
    ],
  ])('without %j gets %j and nothing else', async (missing, makes) => {
    const folder = await copy(...missing)
    const loaded = await keep(folder)
    expect(await changedIn(folder)).toEqual(makes)
    if (!missing.includes('ca.key') || makes.includes('ca.key')) await expectConsistent(folder, loaded)
  })

  test.each([
    [0, []],
    [260, []],
    [270, [`${ECDSA}.crt`, `${RSA}.crt`]],
    [3660, [`${ECDSA}.crt`, `${RSA}.crt`, 'ca.crt']],
    [-1, [`${ECDSA}.crt`, `${RSA}.crt`, 'ca.crt']],
  ])('gets, %i days later, new %j for the same keys', async (days, makes) => {
    const folder = await copy()
    await expectConsistent(folder, await keep(folder, after(days)))
    expect(await changedIn(folder)).toEqual(makes)
  })

  test('with a CA that expires soon issues certificates that end with it, and says so', async () => {
    const folder = await copy()
    const { certificates, warnings } = await keep(folder, after(3500))
    for (const { chain } of certificates)
      expect(new X509Certificate(chain).validTo).toBe(new X509Certificate(made.get('ca.crt') ?? '').validTo)
    expect(warnings).toEqual([
      `the CA ${folder}/ca.crt expires on 2036-05-31 11:00 UTC, in 151 days: remove this file, and gw makes it again for the same key; give the new one to the clients`,
    ])
  })

  test('gets certificates for another domain beside those that it holds', async () => {
    const folder = await copy()
    const other = 'www.example.com'
    await writeFile(join(folder, `${other}.rsa.key`), made.get(`${RSA}.key`) ?? '')
    const { certificates } = await keep(folder, NOW, other)
    for (const { chain } of certificates) expect(new X509Certificate(chain).checkHost(other)).toBe(other)
    expect(await changedIn(folder)).toEqual(
      ['ecdsa.crt', 'ecdsa.key', 'rsa.crt', 'rsa.key'].map((end) => `${other}.${end}`),
    )
  })

  test.each<[string, () => Promise<string>]>([
    ['is damaged', () => Promise.resolve('hello\n')],
    ['another CA issued', async () => (await make({ issuer: await makeAuthority() })).certificate],
    ['is for another key', () => Promise.resolve(made.get(`${RSA}.crt`) ?? '')],
  ])('gets a new certificate for one that %s', async (_, certificate) => {
    const folder = await copy()
    await writeFile(join(folder, `${ECDSA}.crt`), await certificate())
    await expectConsistent(folder, await keep(folder))
    expect(await changedIn(folder)).toEqual([`${ECDSA}.crt`])
  })
})

describe('any number of gw at the same time', () => {
  // The RSA key is there already; it is placed by the same function as the other two.
  const ownKey = `${RSA}.key`

  test('end with one CA, and each with certificates of that CA and the keys in the folder', async () => {
    const folder = join(await copy(), 'tls')
    await mkdir(folder)
    await writeFile(join(folder, ownKey), made.get(ownKey) ?? '')
    const all = await Promise.all(Array.from({ length: 8 }, () => keep(folder)))
    for (const loaded of all) await expectConsistent(folder, loaded)
  })

  test('renew one expired CA for its key', async () => {
    const folder = await copy()
    const all = await Promise.all(Array.from({ length: 4 }, () => keep(folder, after(3660))))
    for (const loaded of all) await expectConsistent(folder, loaded)
    expect(await changedIn(folder)).toEqual([`${ECDSA}.crt`, `${RSA}.crt`, 'ca.crt'])
  })
})

describe('a folder is refused', () => {
  test.each<[title: string, name: string, content: () => Promise<string> | string, message: string]>([
    ['whose ca.crt is damaged', 'ca.crt', () => 'hello\n', '<folder>/ca.crt is not the certificate of a CA'],
    [
      'whose ca.crt is no CA',
      'ca.crt',
      () => made.get(`${RSA}.crt`) ?? '',
      '<folder>/ca.crt is not the certificate of a CA',
    ],
    [
      'whose ca.key is damaged',
      'ca.key',
      () => 'hello\n',
      'the key <folder>/ca.key is no private key in PEM, or is damaged',
    ],
    [
      'whose ca.key is of another CA',
      'ca.key',
      async () => (await makeAuthority()).key,
      'the CA in <folder> cannot issue a certificate: <folder>/ca.key is not the key of its ca.crt',
    ],
    [
      'whose ca.key is of another kind',
      'ca.key',
      () => made.get(`${RSA}.key`) ?? '',
      '<folder>/ca.key is not the kind of key that gw makes for it',
    ],
    [
      'whose ca.key is lost',
      'ca.key',
      () => '',
      'the CA in <folder> cannot issue a certificate: its key <folder>/ca.key is missing',
    ],
    [
      'one of whose keys is damaged',
      `${ECDSA}.key`,
      () => 'hello\n',
      `the key <folder>/${ECDSA}.key is no private key in PEM, or is damaged`,
    ],
    [
      'one of whose keys is on another curve',
      `${ECDSA}.key`,
      () => curveKey('P-384').export({ type: 'pkcs8', format: 'pem' }).toString(),
      `<folder>/${ECDSA}.key is not the kind of key that gw makes for it`,
    ],
  ])('%s', async (_, name, content, message) => {
    const folder = await copy(`${ECDSA}.crt`, name)
    const text = await content()
    if (text !== '') await writeFile(join(folder, name), text)
    const before = await readFolder(folder)
    const error: unknown = await keep(folder).catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      code: 'CERTIFICATE_INVALID',
      exitCode: 2,
      message: message.replaceAll('<folder>', folder),
    })
    for (const line of text.split('\n').filter((each) => /^[A-Za-z0-9+/=]{8,}$/.test(each)))
      expect(inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error)).not.toContain(line)
    expect(await readFolder(folder)).toEqual(before)
  })

  test('that is a file, or lies in one', async () => {
    const file = join(await copy(), 'ca.crt')
    await expect(keep(file)).rejects.toMatchObject({ message: `${file} cannot be written (EEXIST)` })
    await expect(keep(join(file, 'tls'))).rejects.toMatchObject({
      message: `${file}/tls cannot be written (ENOTDIR)`,
    })
  })

  test('in which a name is taken by a folder; nothing half-written stays', async () => {
    const folder = await copy(`${ECDSA}.crt`)
    await mkdir(join(folder, `${ECDSA}.crt`))
    await expect(keep(folder)).rejects.toMatchObject({ message: `${folder}/${ECDSA}.crt is not a file` })
    expect((await readdir(folder)).sort()).toEqual(KEPT_FILES)
  })
})
