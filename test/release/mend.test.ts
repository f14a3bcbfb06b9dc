import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { releaseStore } from '../../src/facts/release-store.js'
import type { ReleaseStore } from '../../src/model/release-store.js'
import { Secret } from '../../src/model/secret.js'
import { driftOf } from '../../src/release/drift.js'
import { mendScript } from '../../src/release/mend.js'
import { answersOf, run } from '../operations/local-shell.js'
import { StateFolder } from './workshop.js'

describe('a release that was edited by hand while it was current', () => {
  let state: StateFolder

  beforeEach(async () => {
    state = await StateFolder.make()
    const files = {
      'nginx/nginx.conf': 'one\n',
      'nginx/site.conf': 'site\n',
      'nginx/tls/rsa.key': new Secret('key\n'),
    }
    await state.stage('v1.0', files)
    state.publish('v1.0')
  })
  afterEach(() => {
    state.remove()
  })

  const live = (path: string) => join(state.paths.current, path)
  const look = async (): Promise<ReleaseStore> => {
    const [store] = await answersOf(releaseStore, [{ paths: state.paths }])
    if (store === undefined) throw new Error('the host says nothing')
    return store
  }
  const mend = async () => run(mendScript(state.paths, await look()))

  it('is as it was published when it has been mended: contents, modes, and nothing besides', async () => {
    writeFileSync(live('nginx/nginx.conf'), 'two\n')
    chmodSync(live('nginx/tls/rsa.key'), 0o644)
    rmSync(live('nginx/site.conf'))
    writeFileSync(live("nginx/it's more.conf"), 'more\n')
    expect(driftOf(await look())).toHaveLength(4)

    expect(await mend()).toEqual({ exitCode: 0, stdout: '', stderr: '' })

    expect(driftOf(await look())).toEqual([])
    expect(readFileSync(live('nginx/nginx.conf'), 'utf8')).toBe('one\n')
    expect(statSync(live('nginx/tls/rsa.key')).mode & 0o777).toBe(0o600)
  })

  it('keeps an edit whose original the host has lost, for a rollback to tell of', async () => {
    writeFileSync(live('nginx/nginx.conf'), 'two\n')
    rmSync(state.paths.objects, { recursive: true })

    expect(await mend()).toMatchObject({ exitCode: 0 })

    expect(readFileSync(live('nginx/nginx.conf'), 'utf8')).toBe('two\n')
  })

  it('is left alone when nothing was edited', async () => {
    expect(mendScript(state.paths, await look()).text).toBe('')
  })
})
