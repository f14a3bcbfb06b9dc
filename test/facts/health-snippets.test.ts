import { chmod, lstat, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configurationCheck } from '../../src/facts/configuration-check.js'
import { liveTexts } from '../../src/facts/live-texts.js'
import { nginxProcesses } from '../../src/facts/nginx-processes.js'
import { nodeName } from '../../src/facts/node-name.js'
import { sh } from '../../src/shell/script.js'
import { answersOf, run } from '../operations/local-shell.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gw-health-'))
})

afterEach(() => rm(folder, { recursive: true }))

async function put(path: string, content: string | Uint8Array, mode = 0o644): Promise<string> {
  const absolute = join(folder, path)
  await mkdir(dirname(absolute), { recursive: true })
  await writeFile(absolute, content)
  await chmod(absolute, mode)
  return absolute
}

async function isNewer(path: string, other: string): Promise<boolean> {
  return (await lstat(path)).ctimeMs > (await lstat(other)).ctimeMs
}

describe('the texts of a release, asked by a real shell', () => {
  const texts = async (folders: readonly string[], suffixes: readonly string[]) => {
    const [answer = []] = await answersOf(liveTexts, [{ root: join(folder, 'current'), folders, suffixes }])
    return Object.fromEntries(answer.map(({ path, text }) => [path, text]))
  }

  beforeEach(() => symlink(join(folder, 'v1.0'), join(folder, 'current')))

  it('are those of the folders and endings that were asked for, and never of a key', async () => {
    await put('v1.0/pools/a.conf', 'upstream a {}\n')
    await put('v1.0/pools/b.conf', '')
    await put('v1.0/pools/b.conf~', 'SENTINEL')
    await put('v1.0/pools/below/c.conf', 'SENTINEL')
    await put('v1.0/tls/rsa.crt', 'é\nno line feed at the end')
    await put('v1.0/tls/rsa.key', 'SENTINEL')
    await put('v1.0/tls/crt', 'SENTINEL')
    await put('secret', 'SENTINEL')
    await symlink(join(folder, 'secret'), join(folder, 'v1.0/pools/link.conf'))

    expect(await texts(['pools', 'tls', 'none'], ['.conf', '.crt'])).toEqual({
      'pools/a.conf': 'upstream a {}\n',
      'pools/b.conf': '',
      'tls/rsa.crt': 'é\nno line feed at the end',
    })
  })

  it('come whole from files of strange names', async () => {
    const names = ['-n.conf', 'a b.conf', '*.conf', '$(id).conf', "'.conf", '--.conf']
    for (const name of names) await put(`v1.0/pools/${name}`, `of ${name}`)

    expect(await texts(['pools'], ['.conf'])).toEqual(
      Object.fromEntries(names.map((name) => [`pools/${name}`, `of ${name}`])),
    )
  })

  it('are null for what is no text or too large, and beyond 2 MB', async () => {
    await put('v1.0/pools/binary.conf', Uint8Array.of(1, 0, 2))
    await put('v1.0/pools/large.conf', 'x'.repeat(262_145))
    const largest = 'y'.repeat(262_144)
    for (let count = 1; count <= 8; count += 1) await put(`v1.0/tls/${count}.crt`, largest)

    const found = await texts(['pools', 'tls'], ['.conf', '.crt'])

    expect(found).toMatchObject({ 'pools/binary.conf': null, 'pools/large.conf': null })
    const certificates = Object.entries(found).filter(([path]) => path.startsWith('tls/'))
    expect(certificates).toHaveLength(8)
    expect(certificates.filter(([, text]) => text === largest)).toHaveLength(7)
  })

  it('are none where there is no release', async () => {
    expect(await texts(['pools'], ['.conf'])).toEqual({})
  })
})

describe('the check of a configuration, asked by a real shell', () => {
  const check = async (zone = 'UTC') => {
    const question = {
      current: join(folder, 'current'),
      links: [join(folder, 'link')],
      nginxConfiguration: '/etc/nginx/nginx.conf',
      keepalivedConfiguration: '/etc/keepalived/keepalived.conf',
      errorLog: join(folder, 'error.log'),
    }
    const path = `PATH=${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`
    const [answer] = await answersOf(
      configurationCheck,
      [question],
      ['env', path, `TZ=${zone}`, 'LC_ALL=C', '/bin/sh'],
    )
    if (answer === undefined) throw new Error('there is no answer')
    return answer
  }
  const program = (name: string, script: string) => put(`bin/${name}`, `#!/bin/sh\n${script}\n`, 0o755)

  beforeEach(async () => {
    await program('nginx', 'true')
    await program('keepalived', 'true')
  })

  it('says what each program says, with an empty standard input', async () => {
    await program('nginx', 'cat; echo "nginx $*: [warn] odd" >&2')
    await program('keepalived', 'cat; echo "keepalived $*"; exit 4')

    expect(await check()).toMatchObject({
      nginx: { passed: true, output: 'nginx -t -q -c /etc/nginx/nginx.conf: [warn] odd' },
      keepalived: { passed: false, output: 'keepalived -t -f /etc/keepalived/keepalived.conf' },
      newest: null,
      emergency: null,
    })
  })

  it('does not wait for one that hangs until the host as a whole is late, which is after 5 s', async () => {
    await program('nginx', 'exec sleep 60')
    const begin = performance.now()

    expect(await check()).toMatchObject({
      nginx: { passed: false, output: 'no answer within 3 s' },
      keepalived: { passed: true, output: '' },
    })
    expect(performance.now() - begin).toBeLessThan(4500)
  })

  it('lets both work at the same time', async () => {
    // Each waits for the other to have begun; alone, it would be ended after 3 s.
    const meet = (own: string, other: string) =>
      `touch ${join(folder, own)}; until [ -e ${join(folder, other)} ]; do sleep 0.01; done`
    await program('nginx', meet('one', 'other'))
    await program('keepalived', meet('other', 'one'))

    expect(await check()).toMatchObject({ nginx: { passed: true }, keepalived: { passed: true } })
  })

  it('keeps 16 KiB of what a program says, whatever it is', async () => {
    await program('nginx', "head -c 100000 /dev/zero | tr '\\000' n")
    await program('keepalived', "printf 'a\\0b--\\0'; head -c 100000 /dev/zero | tr '\\000' k")

    const { nginx, keepalived } = await check()

    expect(nginx.output).toBe('n'.repeat(16_384))
    expect(keepalived.output).toBe(`ab--${'k'.repeat(16_380)}`)
  })

  it('finds the file that was changed last, links too and the manifest not', async () => {
    const old = await put('v1.0/nginx/old.conf', '')
    const fresh = await put('v1.0/nginx/new.conf', '')
    await symlink(join(folder, 'v1.0'), join(folder, 'current'))
    // A time that anybody can set says nothing; the kernel's own moves on by a tick of its clock.
    const touch = () => utimes(fresh, new Date(0), new Date(0))
    await expect.poll(() => touch().then(() => isNewer(fresh, old))).toBe(true)
    await put('v1.0/manifest.json', '{}')

    expect((await check()).newest).toEqual({
      path: join(folder, 'current/nginx/new.conf'),
      ageSeconds: expect.closeTo(0, -1) as number,
    })

    const link = join(folder, 'link')
    const renew = () => rm(link, { force: true }).then(() => symlink('/nowhere', link))
    await expect.poll(() => renew().then(() => isNewer(link, fresh))).toBe(true)
    expect((await check()).newest?.path).toBe(link)
  })

  it("finds the last emergency of the log, by the host's own zone, and none within a line", async () => {
    const anHourAgo = sh`unset TZ; date -d '1 hour ago' '+%Y/%m/%d %H:%M:%S'`
    const time = (await run(anHourAgo)).stdout.trim()
    const emergency = `${time} [emerg] 12#12: bind() to 0.0.0.0:443 failed (98: Address already in use)`
    await put(
      'error.log',
      [
        `${time} [emerg] 11#11: another`,
        emergency,
        `${time} [error] 13#13: *1 open() "/a/${time} [emerg] 1#1: x" failed`,
        'ü\0\u001b[2J [emerg] junk',
        '',
      ].join('\n'),
    )

    const { emergency: found } = await check('Pacific/Kiritimati')

    expect(found).toEqual({ ageSeconds: expect.closeTo(3600, -1) as number, text: emergency })
  })

  it('takes no emergency with a time that is none', async () => {
    await put('error.log', '2026/99/99 10:00:00 [emerg] 11#11: x\n')
    expect((await check()).emergency).toBeNull()
  })
})

describe('the small questions of health, asked by a real shell', () => {
  it('reads the pid file and the settings', async () => {
    const pidFile = await put('nginx.pid', '1234\n')
    const configuration = await put('nginx.conf', 'user x;\nworker_processes 3;\n')

    const [answer] = await answersOf(nginxProcesses, [{ pidFile, configuration }])

    expect(answer).toMatchObject({ pidFile: 1234, workerProcesses: '3', shutdownSeconds: null })
    expect(answer?.processors).toBeGreaterThan(0)
  })

  it('knows the name of a host', async () => {
    expect(await answersOf(nodeName, [{}])).toEqual([expect.stringMatching(/^\S+$/)])
  })
})
