import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gatewayRequest } from './fixtures/client.js'
import { FILES, PATHS, deployBehaviour, deployLab } from './fixtures/gateway.js'
import { hostSays } from './fixtures/host.js'

/** Which rules a path falls under, however it is written; the gateway's own paths, and files. */

const TOKEN = { 'X-Admin-Token': 'any' }

beforeAll(async () => {
  await deployBehaviour()
  const script = `mkdir -p ${FILES}/folder ${FILES}/.git && cd ${FILES} &&
    echo 'let app' > app.js && echo inner > folder/inner.txt && echo key > .env && echo ref > .git/HEAD &&
    ln -sf app.js own-link.js && ln -sf /etc/passwd foreign-link && chown -h nobody foreign-link &&
    ln -sfn /etc foreign-folder && chown -h nobody foreign-folder &&
    mkdir -p ${FILES}-secret && echo secret > ${FILES}-secret/secret.txt`
  await Promise.all(['gw-1', 'gw-2'].map((host) => hostSays(host, script)))
})
afterAll(deployLab)

const RELEASE = /^(?:unreleased|v\d+\.\d+)$/

describe("the gateway's own paths", () => {
  it('`/` says what runs here', async () => {
    const answer = await gatewayRequest({ path: '/' })
    expect(answer.header('content-type')).toBe('application/json')
    expect(answer.json()).toEqual({
      service: 'insightserenity-gateway',
      version: expect.stringMatching(RELEASE) as string,
      status: 'ok',
    })
  })

  it('`/` says the same on both gateways, so that a difference between them shows', async () => {
    const bodies = await Promise.all(
      ['gw-1', 'gw-2'].map(async (node) => (await gatewayRequest({ path: '/', node })).body),
    )
    expect(bodies[0]).toBe(bodies[1])
  })

  it.each(['gw-1', 'gw-2'])(
    '`/health` of %s says that it is healthy, with which release, who, and when',
    async (name) => {
      const said = (await gatewayRequest({ path: '/health', node: name })).json() as Record<string, string>
      const { status, release, node, timestamp } = said
      expect({ status, release, node }).toEqual({
        status: 'healthy',
        release: expect.stringMatching(RELEASE) as string,
        node: (await hostSays(name, 'uname -n')).trim(),
      })
      expect(Math.abs(Date.now() - Date.parse(timestamp ?? ''))).toBeLessThan(60_000)
    },
  )

  it('`/nginx_status` shows its figures to internal networks', async () => {
    const answer = await gatewayRequest({ path: '/nginx_status' })
    expect([answer.status, answer.body]).toEqual([200, expect.stringMatching(/^Active connections: \d+/)])
  })

  it.each([
    '/nginx_statu',
    '/nginx_status/',
    '/health/',
    '/healthz',
    '/x',
    '/api',
    '/api/v2/x',
    '/gw-error/503',
    '/gw-require/x-admin-token',
  ])('are none of %s', async (path) => {
    expect((await gatewayRequest({ path, headers: TOKEN })).errorCode).toBe('NOT_FOUND')
  })
})

describe('a path', () => {
  it.each([
    ['/api/v1/orders', 'customer-server'],
    ['/api/v1/', 'customer-server'],
    ['/api/v1/adminx/', 'customer-server'],
    ['/api/v1/admin/users', 'admin-server'],
    ['/api/v1/admin/', 'admin-server'],
  ])('goes to the pool of its longest route, as it was asked for: %s', async (path, service) => {
    const asked = `${path}?q=%2F%20a&b=1`
    expect((await gatewayRequest({ path: asked, headers: TOKEN })).echo()).toMatchObject({
      service,
      path: asked,
    })
  })

  it.each([
    '//api//v1/admin/',
    '/api/v1/%61dmin/',
    '/api/v1/%61dmin',
    '/api/v1/admin%2f',
    '/api/v1%2fadmin/users',
    '/api//v1/admin',
    '/api/v1/admin/a..b/...',
  ])('falls under the rules of the route that it leads to, and is passed on as written: %s', async (path) => {
    expect((await gatewayRequest({ path })).errorCode).toBe('UNAUTHORIZED')
    expect((await gatewayRequest({ path, headers: TOKEN })).echo()).toMatchObject({
      service: 'admin-server',
      path,
    })
  })

  it.each([
    '/api/v1/x/../admin/',
    '/api/v1/x/..',
    '/api/v1/x/..?a=b',
    '/api/v1/./admin/',
    '/api/v1/.',
    '/api/v1/x/%2e%2e/admin/',
    '/api/v1/x/.%2E/admin/',
    '/api/v1/x/..%2fadmin/',
    '/api/v1/x%2F..%2Fadmin/',
    '/api/v1/x/..;/admin/',
    '/api/v1/x/..;a=b/admin/',
    '/api/v1/x\\..\\admin',
    '/api/v1/x\\y',
    '/api/v1/x%5cy',
    '/api/v1/admin/..#',
    '/api/v1/admin/.#/x',
    '/api/v1/x#y?z',
    '/api/v1/x%5C..%5Cadmin',
    '/%2e/api/v1/admin/users',
    '/api/v1/admin/x/..',
    '/static/../api/v1/admin/',
  ])('that a backend might read otherwise is refused, with a token or without: %s', async (path) => {
    expect((await gatewayRequest({ path })).errorCode).toBe('BAD_REQUEST')
    expect((await gatewayRequest({ path, headers: TOKEN, method: 'POST' })).errorCode).toBe('BAD_REQUEST')
  })

  it.each(['/api/v1/a..b', '/api/v1/..a/.b', '/api/v1/a%2Fb', '/api/v1/x?x=/../', '/api/v1/x?y=%5c\\&z=/./'])(
    'that has dots, slashes or backslashes where they mean nothing is passed on as written: %s',
    async (path) => {
      expect((await gatewayRequest({ path })).echo()).toMatchObject({ service: 'customer-server', path })
    },
  )

  it.each([
    ['/api/v1', 'customer-server'],
    ['/api/v1?q=%2F%20a&b=1', 'customer-server'],
    ['/api/v1/exports', 'customer-server'],
    ['/api/v1/exports?q=%2F%20a&b=1', 'customer-server'],
    ['/api/v1/admin?q=1', 'admin-server'],
  ])(
    'without the slash of its route is a path of that route, as it was asked for: %s',
    async (path, service) => {
      const body = 'x'.repeat(1000)
      for (const method of ['POST', 'PUT']) {
        const answer = await gatewayRequest({ path, method, headers: TOKEN, body })
        expect(answer.echo()).toMatchObject({ service, method, path, bytes: body.length })
      }
    },
  )

  it('without the slash of its route falls under the rules of that route', async () => {
    const [admin, closed, getOnly, slow] = await Promise.all([
      gatewayRequest({ path: '/api/v1/admin' }),
      gatewayRequest({ path: '/api/v1/closed', headers: TOKEN }),
      gatewayRequest({ path: '/api/v1/get-only', method: 'POST' }),
      gatewayRequest({ path: '/api/v1/slow?delay=2000' }),
    ])
    expect([admin, closed, getOnly, slow].map(({ status }) => status)).toEqual([401, 403, 405, 504])
  })

  it.each(['/api/v1/%00', '/%', '/%zz', '/api/v1/%2e%2e/%2e%2e/%2e%2e/etc/passwd', '/../etc/passwd'])(
    'that makes no sense is refused: %s',
    async (path) => {
      const answer = await gatewayRequest({ path })
      expect([400, 404]).toContain(answer.status)
      expect(answer.errorCode).toBeDefined()
    },
  )

  it('is closed to clients from elsewhere before a token is asked for', async () => {
    expect((await gatewayRequest({ path: `${PATHS.closed}x` })).errorCode).toBe('FORBIDDEN')
    expect((await gatewayRequest({ path: `${PATHS.closed}x`, headers: TOKEN })).errorCode).toBe('FORBIDDEN')
  })

  it.each(['', ' '])('that needs a token is not opened by an empty one: %j', async (token) => {
    expect(
      (await gatewayRequest({ path: `${PATHS.admin}x`, headers: { 'X-Admin-Token': token } })).status,
    ).toBe(401)
  })

  it("that needs a token leaves the backend a browser's question whether it may send one", async () => {
    const Origin = 'https://app.example'
    const asking = { Origin, 'Access-Control-Request-Method': 'GET' }
    const ask = (method: string, headers: Record<string, string>, path: string = PATHS.admin) =>
      gatewayRequest({ path: `${path}x`, method, headers })
    const answered = await ask('OPTIONS', { ...asking, 'Access-Control-Request-Headers': 'x-admin-token' })
    expect(answered.echo()).toMatchObject({
      service: 'admin-server',
      method: 'OPTIONS',
      headers: { origin: Origin, 'access-control-request-method': 'GET' },
    })
    const refused = await Promise.all([
      ask('OPTIONS', { Origin }),
      ask('OPTIONS', { Origin, 'Access-Control-Request-Method': '' }),
      ask('GET', asking),
      ask('POST', asking),
      // Networks are no matter of the browser's.
      ask('OPTIONS', asking, PATHS.closed),
    ])
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401, 403])
  })

  it('that needs a token takes bodies of any method with it', async () => {
    const body = 'x'.repeat(100_000)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await gatewayRequest({ path: `${PATHS.admin}x`, method, headers: TOKEN, body })
      expect(answer.echo()).toMatchObject({ method, bytes: body.length })
    }
    const refused = await gatewayRequest({ path: `${PATHS.admin}x`, method: 'POST', body })
    expect(refused.errorCode).toBe('UNAUTHORIZED')
  })
})

describe('files', () => {
  const file = (path: string, method = 'GET') => gatewayRequest({ path: `${PATHS.files}${path}`, method })

  it('are served for long', async () => {
    const answer = await file('app.js')
    expect([answer.status, answer.body]).toEqual([200, 'let app\n'])
    expect(answer.header('cache-control')).toBe('public, max-age=2592000, immutable')
    expect(answer.header('content-type')).toBe('application/javascript')
    expect((await file('folder/inner.txt')).body).toBe('inner\n')
  })

  it('that are not there are not to be remembered', async () => {
    const answer = await file('none.js')
    expect([answer.errorCode, answer.header('cache-control')]).toEqual(['NOT_FOUND', undefined])
  })

  it.each(['.env', '.git/HEAD', '.git/', '%2eenv', '.git%2fHEAD', 'folder/..%2f.env', '.none'])(
    'that are hidden are not there: %s',
    async (path) => {
      const answer = await file(path)
      expect([answer.status, answer.errorCode]).toEqual([404, 'NOT_FOUND'])
    },
  )

  it('behind a link are served when the link is of their owner, and of nobody else', async () => {
    expect((await file('own-link.js')).body).toBe('let app\n')
    for (const path of ['foreign-link', 'foreign-folder/passwd', 'foreign-folder/'])
      expect((await file(path)).errorCode).toBe('FORBIDDEN')
  })

  it('are not listed', async () => {
    for (const path of ['', 'folder/']) expect((await file(path)).errorCode).toBe('FORBIDDEN')
  })

  it.each([
    '..%2f..%2f..%2fetc/passwd',
    '../../../etc/passwd',
    '..%2fgw-test-secret/secret.txt',
    '%2e%2e/%2e%2e/passwd',
    '..%5c..%5cetc/passwd',
    '....//....//etc/passwd',
  ])('lead to nothing outside their folder: %s', async (path) => {
    expect((await file(path)).errorCode).toBeOneOf(['NOT_FOUND', 'BAD_REQUEST'])
  })

  it('lead to nothing beside their folder: a path that only begins like theirs is another', async () => {
    for (const path of [
      '/static../gw-test-secret/secret.txt',
      '/static-secret/secret.txt',
      '/static..%2fgw-test-secret/secret.txt',
    ]) {
      expect((await gatewayRequest({ path })).errorCode).toBeOneOf(['NOT_FOUND', 'BAD_REQUEST'])
    }
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('can only be read: %s', async (method) => {
    const answer = await file('app.js', method)
    expect([answer.status, answer.header('allow')]).toEqual([405, 'GET, HEAD'])
  })
})
