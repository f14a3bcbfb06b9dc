import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { releaseCheck } from '../../src/facts/release-check.js'
import { Secret } from '../../src/model/secret.js'
import { startable, whyNotStartable } from '../../src/release/startable.js'
import { make } from '../certificate/workshop.js'
import { answersOf, decideHere } from '../operations/local-shell.js'
import { StateFolder } from './workshop.js'

const NOW = new Date('2026-06-01T12:00:00Z')
const EXTRA =
  'load_module /usr/lib/nginx/modules/gone.so;\n  load_module "/bin/sh";\nload_module modules/relative.so;\n'

describe('a release that lies on a host, looked at by a real shell', () => {
  let state: StateFolder
  let shell: string[]

  beforeEach(async () => {
    state = await StateFolder.make()
    const programs = join(state.dir, 'bin')
    mkdirSync(programs)
    // They say what they were called with, and then what their files hold.
    for (const name of ['nginx', 'keepalived']) {
      const text = `#!/bin/sh\nfor last; do :; done\ngrep -q refused "$last" || exit 0\necho "[emerg] ${name} $*" >&2\nexit 1\n`
      writeFileSync(join(programs, name), text, { mode: 0o755 })
    }
    shell = ['/usr/bin/env', `PATH=${programs}:${process.env['PATH'] ?? ''}`, '/bin/sh']
    const { certificate } = await make({ name: 'leaf' })
    const expired = await make({ name: 'old', to: '2026-05-01' })
    const coming = await make({ name: 'new', from: '2026-07-01' })
    await state.stage('v1.0', {
      'nginx/nginx.conf': 'good\n',
      'keepalived/keepalived.conf': 'good\n',
      'nginx/gw/tls/rsa.crt': certificate,
      'nginx/gw/tls/rsa.key': new Secret('key\n'),
    })
    await state.stage('v1.1', {
      'nginx/nginx.conf': `refused\n${EXTRA}`,
      'keepalived/keepalived.conf': 'refused\n',
      'nginx/gw/tls/rsa.crt': `${certificate}${expired.certificate}`,
      'nginx/gw/tls/ecdsa.crt': coming.certificate,
      'nginx/gw/tls/odd.crt': 'none\n',
      'nginx/gw/tls/rsa.key': new Secret('key\n'),
    })
  })
  afterEach(() => {
    state.remove()
  })

  const at = (...path: string[]) => join(state.paths.releases, ...path)
  const why = async (release: string) => {
    const [check] = await answersOf(releaseCheck, [{ paths: state.paths, release }], shell)
    if (check === undefined) throw new Error('the release was not answered')
    return whyNotStartable(release, check, NOW)
  }

  it('can be started when all is as it was staged and its programs take it', async () => {
    expect(await why('v1.0')).toEqual([])
    expect(
      await decideHere(
        startable({ release: 'v1.0', paths: state.paths, store: state.store, now: NOW }),
        undefined,
        shell,
      ),
    ).toEqual({ kind: 'ok', reason: 'v1.0 is whole, and its programs take it' })
  })

  it('cannot with what its programs refuse, modules that are gone, and certificates that do not hold today', async () => {
    expect(await why('v1.1')).toEqual([
      'its nginx.conf loads /usr/lib/nginx/modules/gone.so, which is not there',
      'nginx/gw/tls/ecdsa.crt: the certificate of CN=new is not valid before Jul  1 00:00:00 2026 GMT',
      'nginx/gw/tls/odd.crt holds no certificate',
      'nginx/gw/tls/rsa.crt: the certificate of CN=old expired on May  1 00:00:00 2026 GMT',
      `nginx -t does not pass it (status 1): [emerg] nginx -t -q -c ${at('v1.1/nginx/nginx.conf')}`,
      `keepalived -t does not pass it (status 1): [emerg] keepalived -t -f ${at('v1.1/keepalived/keepalived.conf')}`,
    ])
  })

  it('cannot with a flipped byte, a file that is gone, one more, and a key that others may read', async () => {
    writeFileSync(at('v1.0/keepalived/keepalived.conf'), 'gooD\n')
    rmSync(at('v1.0/nginx/gw/release.conf'))
    writeFileSync(at('v1.0/nginx/more\x1b[31m'), '')
    spawnSync('chmod', ['0644', at('v1.0/nginx/gw/tls/rsa.key')])

    expect(await why('v1.0')).toEqual([
      'keepalived/keepalived.conf has another content',
      'nginx/gw/release.conf is gone',
      'nginx/gw/tls/rsa.key mode 0600 -> 0644',
      'nginx/more is no file of the release',
    ])
  })

  it('cannot when it is not there, or its manifest is not', async () => {
    writeFileSync(at('v1.0/manifest.json'), '{}')

    expect(await why('v1.0')).toEqual(['manifest.json is gone or not as gw wrote it'])
    expect(await why('v7.7')).toEqual(['there is no release v7.7 on the host'])
    expect(() => releaseCheck.script([{ paths: state.paths, release: 'original' }])).toThrow()
    expect(() => releaseCheck.parse('', [{ paths: state.paths, release: 'v1.0' }])).toThrow()
  })

  it('stops a run with every reason, and says which others could be taken', async () => {
    for (const name of ['v1.2', 'v1.3', 'v1.4']) await state.stage(name, { 'nginx/nginx.conf': 'good\n' })
    for (const name of ['v1.0', 'v1.1', 'v1.3']) state.publish(name)
    expect(
      await decideHere(
        startable({ release: 'v7.7', paths: state.paths, store: state.store }),
        undefined,
        shell,
      ),
    ).toEqual({
      kind: 'blocked',
      code: 'RELEASE_NOT_STARTABLE',
      reason: 'v7.7 cannot be started here: there is no release v7.7 on the host',
      nextSteps: [
        'Confirmed on this host, the newest first: v1.1, v1.0; gw rollback ENV --to NAME',
        'gw releases ENV --verify tells which of them could be started everywhere.',
      ],
    })
  })
})
