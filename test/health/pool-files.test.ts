import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { directivesIn } from '../../src/health/nginx-directives.js'
import { onlyServersEdited, placeOf, serverEdits } from '../../src/health/pool-files.js'
import type { Pool } from '../../src/model/pool.js'
import { poolConfiguration } from '../../src/render/nginx/pool.js'
import { printNginx } from '../../src/render/nginx/syntax.js'
import { GATEWAY } from './gateway.js'
import { hostSeen } from './observation.js'

const ADMIN = 'nginx/gw/pools/admin.conf'

function pool(): Pool {
  const [first] = GATEWAY.pools
  if (first === undefined) throw new Error('the gateway has no pool')
  return first
}

/** The gateway after the file of its pool was edited. */
function seenWith(edit: (text: string) => string, path = ADMIN) {
  const texts = hostSeen().texts.map((each) =>
    each.path === path ? { path, text: edit(each.text ?? '') } : each,
  )
  return { ...hostSeen(), texts }
}

describe('a file is edited in nothing but its servers', () => {
  test.each<[string, (text: string) => string]>([
    ['when one is down', (text) => text.replace('; # admin-2', ' down; # admin-2')],
    ['when one has another weight', (text) => text.replace('weight=100', 'weight=5')],
    ['when one is commented out', (text) => text.replace('    server', '    # server')],
    ['when one is new', (text) => text.replace('    keepalive', 'server 10.0.1.9;\n\nkeepalive')],
    [
      'when other comments and blanks changed as well',
      (text) => `# by ann\n${text.replace('weight=100', 'weight=5')}\n\n`,
    ],
  ])('%s', (_, edit) => {
    expect(onlyServersEdited(ADMIN, seenWith(edit), GATEWAY)).toBe(true)
  })
})

describe('a file is edited in more, or not at all', () => {
  test.each<[string, (text: string) => string]>([
    ['when nothing changed', (text) => text],
    ['when only comments changed', (text) => `# by ann\n${text}`],
    [
      'when the method changed',
      (text) => text.replace('weight=100', 'weight=5').replace('keepalive', 'least_conn; keepalive'),
    ],
    [
      'when a number changed',
      (text) => text.replace('weight=100', 'weight=5').replace('keepalive 32', 'keepalive 1'),
    ],
    [
      'when there is another pool',
      (text) => `${text.replace('weight=100', 'weight=5')}upstream x { server 10.0.0.1; }`,
    ],
    [
      'when a server stands elsewhere',
      (text) => `${text.replace('weight=100', 'weight=5')}upstream admin-2 { server 10.0.0.1; }`,
    ],
    ['when NGINX could not read it', (text) => text.replace('weight=100', 'weight=5').replace('}', '')],
    ['when it is empty', () => ''],
  ])('%s', (_, edit) => {
    expect(onlyServersEdited(ADMIN, seenWith(edit), GATEWAY)).toBe(false)
  })

  const drained = (text: string) => text.replace('; # admin-2', ' down; # admin-2')

  it('when it is no file of a pool', () => {
    expect(onlyServersEdited('nginx/nginx.conf', seenWith(drained), GATEWAY)).toBe(false)
  })

  it('when it cannot be read', () => {
    const texts = [{ path: ADMIN, text: null }]
    expect(onlyServersEdited(ADMIN, { ...hostSeen(), texts }, GATEWAY)).toBe(false)
  })

  it('when the release was made of another inventory', () => {
    const other = { ...GATEWAY, pools: [{ ...pool(), keepalive: 7 }] }
    expect(onlyServersEdited(ADMIN, seenWith(drained), other)).toBe(false)
  })

  it('when there is no manifest', () => {
    const seen = seenWith(drained)
    expect(onlyServersEdited(ADMIN, { ...seen, store: { ...seen.store, manifest: null } }, GATEWAY)).toBe(
      false,
    )
  })
})

const anyServer = fc.record({
  address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('app-1.example.com')),
  port: fc.integer({ min: 1, max: 65_535 }),
  weight: fc.integer({ min: 1, max: 1000 }),
  backup: fc.boolean(),
  maxFails: fc.nat(9),
  failTimeoutSeconds: fc.integer({ min: 1, max: 3600 }),
  maxConnections: fc.nat(9),
})
const anyPool = fc.record({
  balance: fc.constantFrom<Pool['balance']>('round_robin', 'least_conn', 'sticky'),
  servers: fc.uniqueArray(anyServer, { minLength: 1, maxLength: 8, selector: placeOf }),
})

test('what gw renders of any pool has no edits, and one server that is down has one', () => {
  fc.assert(
    fc.property(anyPool, fc.nat(), (made, number) => {
      const servers = made.servers.map((server, index) => ({ ...server, host: `app-${index}` }))
      const any = { ...pool(), ...made, servers }
      const text = printNginx(poolConfiguration(any))
      expect(serverEdits(any, text)).toEqual([])
      const index = number % servers.length
      const drained = text.replace(`; # app-${index}\n`, ` down; # app-${index}\n`)
      const places = servers.slice(index, index + 1).map(placeOf)
      expect(serverEdits(any, drained)).toMatchObject(places.map((place) => ({ place, kind: 'down' })))
    }),
  )
})

test('any text is read, or is none, in a time that grows with its length', () => {
  const signs = fc.constantFrom(
    'server',
    'upstream',
    'admin',
    '{',
    '}',
    ';',
    '"',
    "'",
    '\\',
    '#',
    '\n',
    ' ',
    '\u001b',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(signs).map((all) => all.join('')),
      ),
      (text) => {
        const directives = directivesIn(text)
        if (directives === null) return
        expect(JSON.stringify(directives)).not.toContain('undefined')
      },
    ),
  )
  for (const piece of ['{', 'a{', '"', '\\', "'\\", 'a ', 'server x;', '}', '#'])
    expect(() => serverEdits(pool(), piece.repeat(250_000 / piece.length))).not.toThrow()
})
