import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { throwawayCertificate } from '../../src/certificate/throwaway.js'
import { runRenderCommand, type RenderRequest } from '../../src/cli/render-run.js'
import { envelope, type CommandResult } from '../../src/cli/result.js'
import type { GwError } from '../../src/errors.js'
import { ROOT } from '../root.js'
import { FakeTerminal } from '../fakes/terminal.js'
import { gw } from '../lab/fixtures/gw.js'

const HOSTS = {
  hosts: {
    'gw-1': { address: '198.51.100.1' },
    'gw-2': { address: '198.51.100.2' },
    'admin-1': { address: '198.51.100.11' },
  },
  groups: { gateways: { hosts: ['gw-1', 'gw-2'] }, admin: { hosts: ['admin-1'] } },
}
const DOMAIN = 'api.render.example'
const GATEWAY = {
  domain: DOMAIN,
  vip: {
    address: '198.51.100.100/24',
    interface: 'eth0',
    virtual_router_id: 51,
    priorities: { 'gw-1': 100, 'gw-2': 90 },
  },
  pools: { admin: { port: 3000 } },
  routes: [{ path: '/api/', pool: 'admin' }],
}

/** How one rendering is asked for; anything that is left out is as on a bare command line. */
type Asked = Partial<RenderRequest>

describe('gw render', () => {
  let folder: string
  let inventory: string
  let withoutKey: string
  /** A line of the private key: what must never be shown. */
  let sentinel: string

  beforeAll(async () => {
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'gw-render-'))
    const { chain, key } = await throwawayCertificate(DOMAIN, new Date())
    sentinel = key.reveal().split('\n')[1] ?? ''
    writeFileSync(join(folder, 'site.crt'), chain)
    writeFileSync(join(folder, 'site.key'), key.reveal(), { mode: 0o600 })
    inventory = written('files.yml', tlsFrom('file:site.key'))
    withoutKey = written('no-key.yml', tlsFrom('env:GW_TEST_KEY_THAT_IS_NOT_SET'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  function tlsFrom(key: string): object {
    return { ...HOSTS, gateway: { ...GATEWAY, tls: { files: { certificate: 'site.crt', key } } } }
  }

  function written(name: string, keys: object): string {
    const path = join(folder, name)
    writeFileSync(path, JSON.stringify(keys))
    return path
  }

  function render(asked: Asked = {}): Promise<CommandResult> {
    const never = new AbortController().signal
    const interrupts = { stop: never, abandon: never, dispose: () => undefined }
    const terminal = new FakeTerminal()
    const request = {
      environment: inventory,
      host: undefined,
      out: undefined,
      nginx: '1.22.1',
      withoutKeys: false,
    }
    return runRenderCommand(
      { ...request, ...asked },
      {
        terminal,
        interrupts,
        json: false,
        verbose: false,
        typed: 'gw render',
        version: '0.0.0',
        report: () => undefined,
      },
    )
  }

  function failure(asked: Asked): Promise<GwError> {
    return render(asked).then(
      () => expect.unreachable('the command should have failed'),
      (error: unknown) => error as GwError,
    )
  }

  it('shows the files of all gateways, those they have in common once', async () => {
    const { text, exitCode, warnings } = await render()
    const heads = text.split('\n').filter((line) => /^# gw-.*\(\d{4}\)$/.test(line))
    expect(heads).toContain('# gw-1, gw-2: nginx/nginx.conf (0644)')
    expect(heads).toContain(`# gw-1, gw-2: nginx/gw/sites/${DOMAIN}.conf (0644)`)
    expect(heads).toContain('# gw-1, gw-2: nginx/gw/tls/ecdsa.key (0600)')
    expect(heads).toContain('# gw-1: keepalived/keepalived.conf (0644)')
    expect(heads).toContain('# gw-2: keepalived/keepalived.conf (0644)')
    expect(heads.join()).not.toContain('admin-1')
    expect({ exitCode, warnings }).toEqual({ exitCode: 0, warnings: [] })
  })

  it('shows one gateway with --host', async () => {
    const { text } = await render({ host: 'gw-2' })
    expect(text).toContain('# gw-2: nginx/nginx.conf (0644)')
    expect(text).not.toContain('gw-1')
  })

  it('renders for the NGINX that was named', async () => {
    const old = (await render()).text
    const current = (await render({ nginx: '1.30.0' })).text
    expect(old).toContain('listen 443 ssl http2;')
    expect(current).toContain('http2 on;')
  })

  it('writes the same files with --out, and says what to try', async () => {
    const out = join(folder, 'written')
    const { text, data } = await render({ out })
    expect(text).toContain(`in ${out}, for NGINX 1.22.1.`)
    expect(text).toContain(`nginx -t -c ${out}/gw-1/nginx/nginx.conf`)
    expect(data).toMatchObject({ out })
    const key = join(out, 'gw-2/nginx/gw/tls/ecdsa.key')
    expect(readFileSync(key, 'utf8')).toContain(sentinel)
    expect(statSync(key).mode & 0o7777).toBe(0o600)
    for (const host of ['gw-1', 'gw-2']) {
      expect(existsSync(join(out, host, 'keepalived/keepalived.conf'))).toBe(true)
    }
  })

  it('writes nothing when something fails', async () => {
    const out = join(folder, 'not-written')
    await failure({ environment: withoutKey, out })
    expect(existsSync(out)).toBe(false)
  })

  it('prints as JSON what its schema says', async () => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'docs/output.schema.json'), 'utf8')) as {
      properties: { files: { additionalProperties: { items: { required: string[] } } } }
    }
    const result = await render()
    const printed = envelope('render', result, 1) as { files: Record<string, { path: string }[]> }
    const { required } = schema.properties.files.additionalProperties.items
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(printed)))
    expect(Object.keys(printed.files)).toEqual(['gw-1', 'gw-2'])
    for (const file of Object.values(printed.files).flat()) expect(Object.keys(file)).toEqual(required)
    expect(printed.files['gw-1']?.find(({ path }) => path.endsWith('.key'))).toMatchObject({
      mode: '0600',
      content: null,
    })
  })

  describe('without a key', () => {
    it('fails as a deploy does, and names --no-keys', async () => {
      const { code, exitCode, nextSteps } = await failure({ environment: withoutKey })
      expect({ code, exitCode }).toEqual({ code: 'SECRET_UNAVAILABLE', exitCode: 2 })
      expect(nextSteps.at(-2)).toBe(
        `\`gateway.tls\` in ${withoutKey} names it; correct that if another is meant.`,
      )
      expect(nextSteps.at(-1)).toBe(`gw render ${withoutKey} --no-keys renders with a throwaway certificate.`)
    })

    it('renders all the same with --no-keys, and says so', async () => {
      const out = join(folder, 'throwaway')
      const { text } = await render({ environment: withoutKey, out, withoutKeys: true })
      expect(text).toContain('with a throwaway certificate')
      expect(readFileSync(join(out, 'gw-1/nginx/gw/tls/ecdsa.key'), 'utf8')).toContain('PRIVATE KEY')
    })
  })

  it('refuses a host that is no gateway', async () => {
    for (const host of ['admin-1', 'all', 'gw-1,admin']) {
      expect(await failure({ host })).toMatchObject({
        code: 'USAGE',
        message: 'admin-1 is no gateway, so there is nothing to render for it',
        nextSteps: [`gw render ${inventory} --host gateways`],
      })
    }
  })

  it('refuses an inventory without a gateway', async () => {
    const environment = written('hosts-only.yml', HOSTS)
    expect(await failure({ environment })).toMatchObject({
      code: 'USAGE',
      message: `the inventory describes no gateway, so there is nothing to render: ${environment}`,
    })
  })

  it.each(['', '1.22', 'latest', '1.22.1; rm', '1.22.1.1', 'nginx/1.22.1'])(
    'refuses %j as a version of NGINX',
    async (nginx) => {
      expect(await failure({ nginx })).toMatchObject({
        code: 'USAGE',
        message: `--nginx must be a version such as 1.22.1, not ${JSON.stringify(nginx)}`,
      })
    },
  )

  describe('as a user types it', { timeout: 60_000 }, () => {
    it.each([
      ['on stdout', [], 'nginx/nginx.conf'],
      ['in JSON', ['--json'], 'nginx/nginx.conf'],
      ['of what it wrote, though it tells everything', ['--verbose', '--out', 'out'], 'nginx -t'],
    ])('never shows a key %s', async (_where, words, shown) => {
      const { status, stdout, stderr } = await gw(['render', inventory, ...words], { cwd: folder })
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toContain(shown)
      expect(stdout).not.toContain(sentinel)
    })

    it('never shows what stands where a key should, either', async () => {
      const environment = written('wrong-key.yml', tlsFrom('file:wrong.key'))
      writeFileSync(join(folder, 'wrong.key'), `sentinel-of-a-wrong-file\n`)
      for (const words of [['--json'], ['--verbose']]) {
        const { status, stdout, stderr } = await gw(['render', environment, ...words], { cwd: folder })
        expect(status).toBe(2)
        expect(`${stdout}${stderr}`).toContain('--no-keys')
        expect(`${stdout}${stderr}`).not.toContain('sentinel-of-a-wrong-file')
      }
    })
  })
})
