import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runLocally } from '../../src/lab/local.js'
import { expectFailure, outputOf } from './fixtures/failure.js'
import { gw, variantInventory, type GwResult } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'

const lab = ownLab()
const HOST = 'customer-3'
const CONFIG = '/etc/ssh/sshd_config.d/gw-test-authority.conf'
const AUTHORITY = '/etc/ssh/gw-test-authority.pub'

let folder: string

beforeAll(async () => {
  folder = join(lab.stateDir, `authority-${randomUUID().slice(0, 8)}`)
  mkdirSync(folder)
  await runLocally(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'authority')])
  const authority = await readFile(join(folder, 'authority.pub'))
  const script = `cat > ${AUTHORITY} && echo TrustedUserCAKeys ${AUTHORITY} > ${CONFIG} && systemctl reload ssh`
  await hostSays(HOST, script, authority)
})

afterAll(() => hostSays(HOST, `rm ${CONFIG} ${AUTHORITY} && systemctl reload ssh`))

/** A new key; with `certificate` (options of ssh-keygen -s) the authority's signature stands beside it. */
async function newKey(certificate?: readonly string[]): Promise<string> {
  const path = join(folder, `key-${randomUUID().slice(0, 8)}`)
  await runLocally(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', path])
  const sign = ['ssh-keygen', '-q', '-s', join(folder, 'authority'), '-I', 'ann']
  if (certificate !== undefined) await runLocally([...sign, ...certificate, `${path}.pub`])
  return path
}

function hostname(driver: 'openssh' | 'ssh2', identity: string): Promise<GwResult> {
  const inventory = variantInventory({ connection: { driver, identity_file: identity } })
  return gw(['exec', inventory, HOST, '--json', '--', 'hostname'])
}

describe('an OpenSSH user certificate', () => {
  it('logs in by the openssh driver, where the key alone would not', async () => {
    const result = await hostname('openssh', await newKey(['-n', 'gw', '-V', '+1h']))
    expect(result.status).toBe(0)
    expect(outputOf(result.json(), HOST)).toEqual({ status: 0, stdout: `${HOST}\n`, stderr: '' })
    const bare = await hostname('openssh', await newKey())
    expectFailure(bare, { code: 'AUTHENTICATION_FAILED', status: 4, host: HOST })
  })

  it('is worth nothing for another user or when its time is over', async () => {
    for (const certificate of [
      ['-n', 'someone-else', '-V', '+1h'],
      ['-n', 'gw', '-V', '20200101:20200102'],
    ]) {
      const result = await hostname('openssh', await newKey(certificate))
      expectFailure(result, { code: 'AUTHENTICATION_FAILED', status: 4, host: HOST })
    }
  })

  it('is not for our own client, which says which driver to set', async () => {
    const result = await hostname('ssh2', await newKey(['-n', 'gw', '-V', '+1h']))
    const { error } = expectFailure(result, { code: 'AUTHENTICATION_FAILED', status: 4, host: HOST })
    expect(error?.message).toContain('for which set `driver: openssh`')
  })
})
