import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { throwawayCertificate } from '../../src/certificate/throwaway.js'
import { containerName } from '../../src/lab/compose.js'
import { docker } from '../../src/lab/docker.js'
import type { Gateway } from '../../src/model/gateway.js'
import type { NginxBuild } from '../../src/model/nginx-build.js'
import type { Certificate } from '../../src/model/tls.js'
import { nginxDialect, OLDEST_BUILD } from '../../src/render/nginx/dialect.js'
import { block, directive, printNginx } from '../../src/render/nginx/syntax.js'
import { sh } from '../../src/shell/script.js'
import { FIELDS, inventoryWith, LOGS, textFor, USUAL } from '../render/hostile-inventories.js'
import {
  acceptedCase,
  algorithmsOf,
  BASE,
  caseOf,
  LARGE,
  OWN,
  renderCase,
  SMALL,
  type Case,
} from '../render/render-cases.js'
import { gw } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { inImage, newerNginx, NEWER_RELEASES } from './fixtures/nginx-versions.js'
import { keepalivedTest, nginxTest, writeRelease } from './fixtures/rendered-tree.js'

/** What gw writes, judged by the programs that read it: NGINX of several versions, and keepalived on a gateway. */

const lab = ownLab()
const HOST = 'gw-1'
const DIR = '/var/tmp/gw-test-rendered'
const PORT = 8099
const BROTLI = 'ngx_http_brotli_filter_module'

/** Where the suite writes what it renders, on this machine. */
const local = join(lab.stateDir, `rendered-${randomUUID().slice(0, 8)}`)

let certificates: readonly Certificate[]
let image: string

beforeAll(async () => {
  expect((await gw(['deploy', lab.inventory])).status).toBe(0)
  await hostSays(HOST, `rm -rf ${DIR} && mkdir ${DIR}`)
  mkdirSync(local)
  const now = new Date()
  certificates = await Promise.all([
    throwawayCertificate('api.example.com', now, 'rsa'),
    throwawayCertificate('api.example.com', now, 'ecdsa'),
  ])
  image = await newerNginx()
})

afterAll(async () => {
  rmSync(local, { recursive: true })
  await hostSays(HOST, `rm -rf ${DIR} ${LOGS}`)
})

/**
 * Writes every inventory's files for its gateway hosts, or the first so many, below `local/folder`; answers how many
 * releases those are.
 */
async function writeAll(folder: string, nginx: NginxBuild, hosts?: number): Promise<number> {
  let releases = 0
  for (const [title, path] of [BASE, ...OWN, ...SMALL, ...LARGE]) {
    for (const { host, files } of filesOf(await caseOf(path), nginx).slice(0, hosts)) {
      writeRelease(join(local, folder, title, host), files)
      releases += 1
    }
  }
  return releases
}

function filesOf({ gateway, hosts }: Case, nginx: NginxBuild): ReturnType<typeof renderCase> {
  const algorithms = algorithmsOf(gateway.tls)
  const own = certificates.filter(({ algorithm }) => algorithms.includes(algorithm))
  return renderCase({ gateway: onInterface(gateway), hosts }, nginx, own)
}

/** A host has the interfaces that it has; their names are not what is tried here. */
function onInterface(gateway: Gateway): Gateway {
  return { ...gateway, virtualIp: { ...gateway.virtualIp, interface: 'eth0' } }
}

/** Brings what was written into `local/folder` to the gateway; answers where it is there. */
async function bring(folder: string): Promise<string> {
  await docker(['cp', join(local, folder), `${containerName(lab.name, HOST)}:${DIR}/`])
  return `${DIR}/${folder}`
}

/** What `nginx -v` and the folder of modules tell of an NGINX; `run` runs a script where it is, `root` is its root. */
async function buildOf(run: (script: string) => Promise<string>, root: string): Promise<NginxBuild> {
  const said = await run(`chroot ${root} nginx -v 2>&1; ls ${root}/usr/lib/nginx/modules 2>/dev/null || true`)
  const [version = '', ...modules] = said.trim().split('\n')
  return {
    version: version.replace(/^nginx version: nginx\//, ''),
    modules: modules.map((module) => module.replace(/\.so$/, '')),
  }
}

describe('the files of every inventory', () => {
  it("pass nginx -t and keepalived -t of the lab's own release without a word", async () => {
    const nginx = await buildOf((script) => hostSays(HOST, script), '/')
    expect(nginxDialect(nginx)).toMatchObject({ http2Directive: false, keepaliveMinTimeout: false })
    const releases = await writeAll('own', nginx)
    const folder = await bring('own')
    expect(await hostSays(HOST, nginxTest('/', folder))).toBe(`${releases} tested\n`)
    expect(await hostSays(HOST, keepalivedTest(folder))).toBe(`${releases} tested\n`)
  })

  it.each([
    [NEWER_RELEASES[0], { http2Directive: true, keepaliveMinTimeout: false, brotli: true }],
    [NEWER_RELEASES[1], { http2Directive: true, keepaliveMinTimeout: true, brotli: true }],
  ])('pass nginx -t of %s without a word, with Brotli and without', async (release, dialect) => {
    const root = `/nginx/${release}`
    const nginx = await buildOf((script) => inImage(image, script), root)
    expect(nginxDialect(nginx)).toMatchObject(dialect)
    for (const modules of [nginx.modules, nginx.modules.filter((module) => module !== BROTLI)]) {
      const folder = `${release}-${modules.length}`
      const releases = await writeAll(folder, { ...nginx, modules }, 1)
      const mounts = { [`${root}/rendered`]: join(local, folder) }
      expect(await inImage(image, nginxTest(root, '/rendered'), mounts)).toBe(`${releases} tested\n`)
    }
  })
})

/** Inventories with an accepted text in one field, the same at every run; a name would have to be resolved by NGINX. */
async function acceptedInventories(): Promise<[title: string, inventory: Case][]> {
  const accepted: [string, Case][] = []
  const file = join(local, 'text.yml')
  for (const field of FIELDS) {
    const texts = new Set(fc.sample(textFor(field), { seed: 7, numRuns: 30 }))
    texts.delete(USUAL[field])
    const before = accepted.length
    for (const text of texts) {
      if (accepted.length - before === 3) break
      if (field === 'backendAddress' && isIP(text) === 0) continue
      writeFileSync(file, stringify(inventoryWith({ [field]: text })))
      const inventory = await acceptedCase(file)
      if (inventory !== null) accepted.push([`${field}-${accepted.length}`, inventory])
    }
  }
  return accepted
}

describe('the files of inventories with any texts that are accepted', () => {
  it('pass nginx -t and keepalived -t without a word', async () => {
    const accepted = await acceptedInventories()
    expect(accepted.length).toBeGreaterThan(60)
    const logs = accepted.flatMap(([, { gateway }]) => [
      gateway.logging.accessLog ?? LOGS,
      gateway.logging.errorLog,
    ])
    for (const [title, inventory] of accepted) {
      const [first] = filesOf(inventory, OLDEST_BUILD)
      writeRelease(join(local, 'texts', title, HOST), first?.files ?? [])
    }
    const folder = await bring('texts')
    await hostSays(HOST, sh`mkdir -p -- ${logs.map((path) => dirname(path))}`.text)
    expect(await hostSays(HOST, nginxTest('/', folder))).toBe(`${accepted.length} tested\n`)
    expect(await hostSays(HOST, keepalivedTest(folder))).toBe(`${accepted.length} tested\n`)
  })
})

/** Replaces a text in one of the files. @throws Error when it is not there, as a mutation that changes nothing is none */
function mutated(
  files: ReturnType<typeof renderCase>[number]['files'],
  path: string,
  [text, other]: readonly [string | RegExp, string],
): typeof files {
  return files.map((file) => {
    if (file.path !== path) return file
    const content = String(file.content).replace(text, other)
    if (content === file.content) throw new Error(`${path} does not hold ${String(text)}`)
    return { ...file, content }
  })
}

describe('the test itself', () => {
  const NGINX = 'nginx/nginx.conf'
  const POOL = 'nginx/gw/pools/app.conf'
  const KEEPALIVED = 'keepalived/keepalived.conf'

  it('notices a warning of NGINX and a mistake in either file', async () => {
    const path = SMALL.find(([title]) => title.startsWith('least-connections'))?.[1] ?? ''
    const [right] = filesOf(await caseOf(path), OLDEST_BUILD)
    const mutations: [string, string, readonly [string | RegExp, string]][] = [
      ['late-method', POOL, [/ *least_conn;\n([^]*keepalive 16;)/, '$1 least_conn;']],
      ['unknown-method', POOL, ['least_conn;', 'least_con;']],
      ['missing-pool', NGINX, ['pools/app.conf', 'pools/ap.conf']],
      ['newer-word', NGINX, ['sendfile on;', 'sendfile on; http2 on;']],
      ['unknown-word', KEEPALIVED, [/^ *nopreempt$/m, 'nopreemt']],
      ['nothing-wrong', NGINX, ['# Written', '# written']],
    ]
    for (const [title, file, change] of mutations) {
      writeRelease(join(local, 'mutants', title, HOST), mutated(right?.files ?? [], file, change))
    }
    const folder = await bring('mutants')
    const nginx = await hostSays(HOST, nginxTest('/', folder))
    expect(nginx.match(/^.*: exit \d+$/gm)).toEqual([
      `late-method/${HOST}/${NGINX}: exit 0`,
      `missing-pool/${HOST}/${NGINX}: exit 1`,
      `newer-word/${HOST}/${NGINX}: exit 1`,
      `unknown-method/${HOST}/${NGINX}: exit 1`,
    ])
    expect(nginx).toMatch(/\[warn\] .* load balancing method redefined/)
    const keepalived = await hostSays(HOST, keepalivedTest(folder))
    expect(keepalived.match(/^.*: exit \d+$/gm)).toEqual([
      expect.stringMatching(/^unknown-word\/.*: exit [1-9]/),
    ])
  })

  it('notices what newer NGINX calls deprecated', async () => {
    const [base] = filesOf(await caseOf(BASE[1]), OLDEST_BUILD)
    writeRelease(join(local, 'deprecated', 'base', HOST), base?.files ?? [])
    for (const release of NEWER_RELEASES) {
      const root = `/nginx/${release}`
      const mounts = { [`${root}/rendered`]: join(local, 'deprecated') }
      const said = await inImage(image, nginxTest(root, '/rendered'), mounts)
      expect(said).toMatch(/: exit 0\n.*\[warn\] .* the "listen \.\.\. http2" directive is deprecated/)
    }
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
      // Not to where this one reads: a daemon keeps that open.
      directive('error_log', `${DIR}/error.log`, 'warn'),
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
