import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseManifest } from '../../src/model/manifest.js'
import { Secret } from '../../src/model/secret.js'
import { STAGE_STATUS } from '../../src/release/stage-script.js'
import { wantedIsCurrent } from '../../src/release/stage.js'
import { sh, shellLine } from '../../src/shell/script.js'
import { applyHere, run } from '../operations/local-shell.js'
import { type Contents, rendered, StateFolder } from './workshop.js'

const FIRST: Contents = {
  'nginx/nginx.conf': 'one\n',
  'nginx/gw/site.conf': 'site\n',
  'keepalived/keepalived.conf': '1\n',
}
const SECOND: Contents = { ...FIRST, 'nginx/nginx.conf': 'two\n' }
const RELEASE_CONF = 'nginx/gw/release.conf'

describe('a release, staged by a real shell', () => {
  let state: StateFolder

  beforeEach(async () => {
    state = await StateFolder.make()
  })
  afterEach(() => {
    state.remove()
  })

  const at = (name: string, path = '') => join(state.paths.releases, name, path)
  const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8)
  const objectOf = (text: string) =>
    join(state.paths.objects, createHash('sha256').update(text).digest('hex'))
  /** What may lie in the state folder when nothing is at work: no leftovers anywhere. */
  const leftovers = () =>
    [...readdirSync(state.paths.releases), ...readdirSync(state.paths.objects)].filter((name) =>
      name.startsWith('.'),
    )

  it('lays down files with their modes, a manifest and the contents, and publishes nothing', async () => {
    const contents = { ...FIRST, 'nginx/gw/tls/rsa.key': new Secret('key\n') }

    expect(await state.stage('v1.0', contents)).toEqual({ exitCode: 0, stdout: '', stderr: '' })

    expect(state.filesOf('v1.0', FIRST)).toEqual(FIRST)
    expect(readFileSync(at('v1.0', RELEASE_CONF), 'utf8')).toContain('v1.0')
    expect(
      ['', 'nginx/gw', 'nginx/gw/tls', 'nginx/nginx.conf', 'nginx/gw/tls/rsa.key', 'manifest.json'].map(
        (path) => modeOf(at('v1.0', path)),
      ),
    ).toEqual(['755', '755', '700', '644', '600', '644'])
    expect([modeOf(state.paths.objects), modeOf(objectOf('key\n'))]).toEqual(['700', '600'])
    const manifest = parseManifest(readFileSync(at('v1.0', 'manifest.json'), 'utf8'))
    expect(manifest).toMatchObject({ release: 'v1.0', by: 'alice@laptop' })
    expect(manifest.files.map(({ path }) => path)).toEqual([...Object.keys(contents), RELEASE_CONF].sort())
    expect(existsSync(state.paths.current)).toBe(false)
    expect([state.names(), leftovers()]).toEqual([['v1.0'], []])
  })

  it('has nothing to do for the files that are current, unless the fleet gets a release', async () => {
    await state.stage('v1.0', FIRST)
    state.publish('v1.0')

    expect(await state.decide('v1.1', FIRST, { required: false })).toMatchObject({
      kind: 'ok',
      reason: 'v1.0 has all 3 files as they are wanted',
    })
    expect(await state.decide('v1.0', FIRST)).toMatchObject({ kind: 'ok' })
    expect(await state.decide('v1.1', FIRST)).toMatchObject({
      kind: 'change',
      summary: 'v1.1, with the same files as v1.0',
      diffs: [],
    })
    expect(wantedIsCurrent(await state.seen(), rendered(FIRST), state.owner)).toBe(true)
    expect(wantedIsCurrent(await state.seen(), rendered(SECOND), state.owner)).toBe(false)
    expect(wantedIsCurrent(await state.seen(), rendered({}), state.owner)).toBe(false)
  })

  it('sends only what the host does not have, and again what is damaged there', async () => {
    await state.stage('v1.0', { ...FIRST, again: 'site\n' })
    state.publish('v1.0')
    writeFileSync(objectOf('site\n'), 'sitE\n')

    const decision = await state.decide('v1.1', SECOND)

    expect(decision).toMatchObject({ summary: 'v1.1: 1 file differs, 1 gone: nginx/nginx.conf, again' })
    if (decision.kind !== 'change') throw new Error('nothing to change')
    const sent = Buffer.from(decision.input ?? []).toString()
    expect(sent).toMatch(
      /^two\nsite\n# The release [^\n]*\nmap [^{]*\{\n *default v1\.1;\n\}\n\{"schemaVersion"/,
    )
    expect(await applyHere(decision)).toMatchObject({ exitCode: 0 })
    expect(state.filesOf('v1.1', SECOND)).toEqual(SECOND)
    expect(readFileSync(objectOf('site\n'), 'utf8')).toBe('site\n')
  })

  it('copies: an edit of a published file changes neither contents nor other releases', async () => {
    await state.stage('v1.0', FIRST)
    await state.stage('v1.1', SECOND)

    writeFileSync(at('v1.0', 'nginx/gw/site.conf'), 'by hand\n')

    expect(state.filesOf('v1.1', SECOND)).toEqual(SECOND)
    expect(readFileSync(objectOf('site\n'), 'utf8')).toBe('site\n')
  })

  it('shows what differs from what is published, and nothing of a secret', async () => {
    await state.stage('v1.0', { ...FIRST, key: new Secret('the old key\n') })
    state.publish('v1.0')

    const decision = await state.decide('v1.1', { ...SECOND, key: new Secret('the new key\n') })

    expect(decision).toMatchObject({
      summary: 'v1.1: 2 files differ: nginx/nginx.conf, key',
      diffs: [{ path: join(state.paths.current, 'nginx/nginx.conf'), before: 'one\n', after: 'two\n' }],
    })
    expect(JSON.stringify({ ...decision, input: undefined })).not.toMatch(/(old|new) key/)
  })

  it('never takes the name of a release that was served, planned or found later', async () => {
    const decision = await state.decide('v1.0', SECOND)
    await state.stage('v1.0', FIRST)
    state.publish('v1.0')

    expect(await applyHere(decision)).toMatchObject({
      exitCode: STAGE_STATUS.exists,
      stderr: 'the release v1.0 is on this host already and was published\n',
    })
    expect(await state.decide('v1.0', SECOND)).toMatchObject({ kind: 'blocked', code: 'RELEASE_EXISTS' })
    await state.stage('v1.1', SECOND)
    state.publish('v1.1')
    expect(await state.decide('v1.0', FIRST)).toMatchObject({ kind: 'blocked', code: 'RELEASE_EXISTS' })
    expect(state.filesOf('v1.0', FIRST)).toEqual(FIRST)
  })

  it('replaces a release that was never published, and what dead runs left over', async () => {
    await state.stage('v1.0', FIRST)
    mkdirSync(at('.staged-deadbeef/nginx'), { recursive: true })
    mkdirSync(join(state.paths.objects, '.received'))
    mkdirSync(at('notes'))
    symlinkSync('/etc', at('v1.7-link'))

    expect(await state.stage('v1.0', SECOND)).toMatchObject({ exitCode: 0 })

    expect(state.filesOf('v1.0', SECOND)).toEqual(SECOND)
    expect([state.names(), leftovers()]).toEqual([['notes', 'v1.0', 'v1.7-link'], []])
  })

  it.each([0, 1, 5, 100])('stages nothing when only %d bytes arrive', async (bytes) => {
    await state.stage('v1.0', FIRST)
    const decision = await state.decide('v1.1', { ...SECOND, more: 'more\n' })
    if (decision.kind !== 'change') throw new Error('nothing to change')

    const ended = await applyHere(decision, decision.input?.subarray(0, bytes))

    expect(ended.exitCode).toBe(STAGE_STATUS.incomplete)
    expect(ended.stderr).toMatch(/did not arrive whole.*\nv1\.1 was not staged; nothing was changed\n$/)
    expect([state.names(), leftovers()]).toEqual([['v1.0'], []])
  })

  it('stages nothing when a content is damaged or gone since it was looked at', async () => {
    await state.stage('v1.0', FIRST)
    const decision = await state.decide('v1.1', SECOND)
    writeFileSync(objectOf('site\n'), 'sitE\n')

    expect(await applyHere(decision)).toMatchObject({ exitCode: STAGE_STATUS.incomplete })
    rmSync(objectOf('site\n'))
    expect((await applyHere(decision)).stderr).toMatch(/cannot stat.*\nv1\.1 was not staged/)

    expect([state.names(), leftovers()]).toEqual([['v1.0'], []])
  })

  it('stages nothing when the disk is full half-way', async () => {
    await state.stage('v1.0', FIRST)
    const decision = await state.decide('v1.1', { ...FIRST, large: 'x'.repeat(200_000) })
    const limited = ['/bin/sh', '-c', 'trap "" XFSZ; ulimit -f 8; exec /bin/sh "$@"', 'sh']

    const ended = await applyHere(decision, undefined, limited)

    expect(ended.exitCode).not.toBe(0)
    expect(ended.stderr).toMatch(/File too large.*\nv1\.1 was not staged; nothing was changed\n$/)
    expect([state.names(), leftovers()]).toEqual([['v1.0'], []])
  })

  it('begins nothing on a disk that is almost full', async () => {
    await state.stage('v1.0', FIRST)
    const decision = await state.decide('v1.1', SECOND)
    if (decision.kind !== 'change') throw new Error('nothing to change')
    const full = sh`df() { printf 'Avail\n  10240\n'; }`

    const ended = await run(shellLine(`${full.text}\n${decision.script.text}`), decision.input)

    expect(ended).toMatchObject({ exitCode: STAGE_STATUS.full })
    expect(ended.stderr).toMatch(
      /^no space: .* has 10240 KiB left, and 10241 KiB are needed to stage v1\.1\n/,
    )
    expect(state.names()).toEqual(['v1.0'])
  })

  it('tests the staged copy with its modes, and names nothing when the test fails', async () => {
    const test = (staged: string) => sh`
      stat -c %a -- ${staged} ${staged}/nginx/nginx.conf
      ! grep -H two -- ${staged}/nginx/nginx.conf`

    const refused = await state.stage('v1.0', SECOND, { test })

    expect(refused.exitCode).toBe(STAGE_STATUS.notStartable)
    expect(refused.stdout).toMatch(/^755\n644\n.*nginx\/nginx.conf:two\n$/)
    expect([state.names(), leftovers()]).toEqual([[], []])
    expect(await state.stage('v1.0', FIRST, { test })).toMatchObject({ exitCode: 0 })
  })

  it.each(['TERM', 'HUP', 'INT'])('leaves nothing when a SIG%s ends it', async (signal) => {
    const ended = await state.stage('v1.0', FIRST, { test: () => sh`kill -s ${signal} "$$"` })

    expect(ended.exitCode).toBeGreaterThan(128)
    expect([state.names(), leftovers()]).toEqual([[], []])
  })

  it('has whole releases only: killed before any of its commands, and finished by the next run', async () => {
    // Every command that changes the disk may be the last one.
    const commands = /^( *)(?=(?:mkdir|cd|head|cp|chown|chmod|sync|mv|rm) )/gm
    const version = (number: number) => ({ ...FIRST, 'nginx/nginx.conf': `${number}\n` })
    await state.stage('v1.0', version(0))
    state.publish('v1.0')
    await state.stage('v1.1', version(1))
    let survived = 0
    for (let last = 0; survived === 0; last++) {
      const [old, next] = [version(last + 1), version(last + 2)]
      const decision = await state.decide('v1.1', next)
      if (decision.kind !== 'change') throw new Error('nothing to change')
      let command = 0
      const text = decision.script.text.replaceAll(commands, (indent) =>
        command++ === last ? `${indent}kill -s KILL "$$"; ` : indent,
      )

      const { exitCode } = await run(shellLine(text), decision.input)

      if (command <= last) survived = last
      else expect(exitCode).toBeNull()
      if (existsSync(at('v1.1'))) {
        expect([old, next]).toContainEqual(state.filesOf('v1.1', next))
        expect(lstatSync(at('v1.1', 'manifest.json')).size).toBeGreaterThan(100)
      }
      expect(await state.stage('v1.1', next)).toMatchObject({ exitCode: 0, stderr: '' })
      expect(state.filesOf('v1.1', next)).toEqual(next)
      expect([state.names(), leftovers()]).toEqual([['v1.0', 'v1.1'], []])
    }
    expect(survived).toBeGreaterThan(20)
    expect(state.filesOf('v1.0', FIRST)).toEqual(version(0))
  }, 60_000)
})
