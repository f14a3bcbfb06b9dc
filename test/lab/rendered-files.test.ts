import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import { projectDir } from '../../src/lab/project-dir.js'
import type { Gateway } from '../../src/model/gateway.js'
import { keepalivedConfiguration } from '../../src/render/keepalived/configuration.js'
import { nginxConfiguration } from '../../src/render/nginx/configuration.js'
import { block, directive, printNginx } from '../../src/render/nginx/syntax.js'
import { gw } from './fixtures/gw.js'
import { hostSays, onHost, type HostResult } from './fixtures/host.js'

/** What gw writes, judged by the programs that read it: NGINX and keepalived on a gateway host. */

const lab = inject('lab')
const HOST = 'gw-1'
const DIR = '/tmp/gw-test-rendered'
const PORT = 8099
const CASES = join(projectDir(), 'test/cases/render')

const inventories = [
  ...['production', 'staging', 'lab'].map((name) => join(projectDir(), `inventory/${name}.yml`)),
  ...readdirSync(CASES)
    .filter((file) => file.endsWith('.yml'))
    .map((file) => join(CASES, file)),
]

async function gatewayOf(path: string): Promise<{ gateway: Gateway; hosts: readonly string[] }> {
  const { gateway, groups } = await loadInventory(path, { projectDir: projectDir(), env: process.env })
  if (gateway === null) throw new Error(`${path} describes no gateway`)
  return { gateway, hosts: groups[gateway.group] ?? [] }
}

/** Says on one stream what the test of a configuration prints; nothing else is a pass. */
function tested(text: string, test: string): Promise<HostResult> {
  return onHost(HOST, `cat > ${DIR}/tested.conf && ${test} 2>&1`, text)
}

const NGINX_TEST = `nginx -q -t -c ${DIR}/tested.conf`
const PASSED = { status: 0, stdout: '', stderr: '' }

beforeAll(async () => {
  expect((await gw(['deploy', lab.inventory])).status).toBe(0)
  await hostSays(HOST, `rm -rf ${DIR} && mkdir ${DIR}`)
})

afterAll(() => hostSays(HOST, `rm -rf ${DIR}`))

describe.each(inventories)('the files of %s', (path) => {
  it('pass nginx -t without a word', async () => {
    const { gateway } = await gatewayOf(path)
    expect(await tested(nginxConfiguration(gateway), NGINX_TEST)).toEqual(PASSED)
  })

  it('pass keepalived -t on every gateway', async () => {
    const { gateway, hosts } = await gatewayOf(path)
    // A host has the interfaces that it has; their name is not what is tried here.
    const here = { ...gateway, virtualIp: { ...gateway.virtualIp, interface: 'eth0' } }
    for (const host of hosts) {
      const test = `keepalived -t -f ${DIR}/tested.conf`
      expect(await tested(keepalivedConfiguration(here, host), test)).toEqual(PASSED)
    }
  })
})

describe('the test itself', () => {
  it('notices a warning of NGINX and a mistake in either file', async () => {
    const { gateway } = await gatewayOf(join(CASES, 'least_conn-before-keepalive.yml'))
    const right = nginxConfiguration(gateway)
    const late = right
      .replace('        least_conn;\n', '')
      .replace('keepalive 16;', 'keepalive 16; least_conn;')
    expect(await tested(late, NGINX_TEST)).toMatchObject({
      stdout: expect.stringContaining('[warn]') as string,
    })
    expect((await tested(right.replace('least_conn;', 'least_con;'), NGINX_TEST)).status).not.toBe(0)
    const keepalived = keepalivedConfiguration(gateway, 'gw-1').replace('nopreempt', 'nopreemt')
    expect((await tested(keepalived, `keepalived -t -f ${DIR}/tested.conf`)).status).not.toBe(0)
  })
})

describe('words in a configuration', () => {
  it('are read by NGINX as they were given', async () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text)),
      fc.string({
        unit: fc.constantFrom('\\', '"', "'", '{', '}', ';', '#', '$', ' ', 'n', 'a'),
        maxLength: 12,
      }),
    )
    const words = fc.sample(word, { seed: 11, numRuns: 150 })
    // geo takes its values as they are; elsewhere NGINX would look for variables in them.
    const text = printNginx([
      directive('pid', `${DIR}/nginx.pid`),
      directive('error_log', 'stderr', 'warn'),
      block('events', [], []),
      block(
        'http',
        [],
        [
          directive('access_log', 'off'),
          directive('variables_hash_max_size', 4096),
          ...words.map((value, index) => block('geo', [`$word_${index}`], [directive('default', value)])),
          block(
            'server',
            [],
            [
              directive('listen', PORT),
              directive('return', 200, words.map((_value, index) => `$word_${index}`).join('\n')),
            ],
          ),
        ],
      ),
    ])
    await hostSays(HOST, `cat > ${DIR}/words.conf && nginx -q -c ${DIR}/words.conf`, text)
    const address = `http://${lab.addresses[HOST] ?? ''}:${PORT}/`
    const answer = await fetch(address, { signal: AbortSignal.timeout(5000) })
    const body = Buffer.from(await answer.arrayBuffer()).toString()
    await hostSays(HOST, `nginx -q -s stop -c ${DIR}/words.conf`)
    expect(body.split('\n')).toEqual(words)
  })
})
