import { BlockList, isIPv4 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { formatDuration, parseDuration } from '../../src/inventory/duration.js'
import { canonicalAddress, parseNetwork, sameNetwork } from '../../src/inventory/network.js'
import { formatRate, parseRate } from '../../src/inventory/rate.js'
import { formatSize, parseSize } from '../../src/inventory/size.js'
import type { Gateway } from '../../src/model/gateway.js'
import { anyText } from './any-text.js'
import { textLoader } from './text-loader.js'

const load = textLoader()

/** A text field of a gateway: how it is put there, what came of it, and what it can never hold. */
interface Field {
  readonly settings: (text: string) => object
  readonly result: (gateway: Gateway) => unknown
  readonly harmless: RegExp
}

const WORD = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]*$/
const files = (folder: string) => ({ routes: [{ path: '/f/', files: folder }] })

const FIELDS: Readonly<Record<string, Field>> = {
  'the name of the service': {
    settings: (service) => ({ service }),
    result: ({ service }) => service,
    harmless: WORD,
  },
  'the name of a pool': {
    settings: (name) => ({ pools: { [name]: { group: 'app', port: 80 } } }),
    result: ({ pools }) => pools[0]?.name,
    harmless: /^[a-z][a-z0-9_-]*$/,
  },
  'what the servers of a pool are asked': {
    settings: (text) => ({ pools: { app: { port: 80, health: `/${text}` } } }),
    result: ({ pools }) => pools[0]?.healthPath?.slice(1),
    harmless: /^[A-Za-z0-9._~@%/?=&+,:-]*$/,
  },
  'the name of a rate limit': {
    settings: (name) => ({
      rate_limits: { [name]: { rate: '1r/s' } },
      routes: [{ path: '/', files: '/srv', rate_limits: [name] }],
    }),
    result: ({ rateLimits }) => rateLimits[0]?.name,
    harmless: /^[a-z][a-z0-9_-]*$/,
  },
  'the path of a route': {
    settings: (text) => ({
      pools: { app: { port: 80 } },
      routes: [{ path: `/${text}`, pool: 'app' }],
    }),
    result: ({ routes }) => routes[0]?.path.slice(1),
    harmless: /^[A-Za-z0-9._~@/-]*$/,
  },
  'a folder of files': {
    settings: (text) => files(`/srv/${text}`),
    result: ({ routes: [route] }) => (route?.kind === 'files' ? route.folder.slice('/srv/'.length) : null),
    harmless: /^[A-Za-z0-9_-][A-Za-z0-9._/-]*$|^$/,
  },
  'a log': {
    settings: (text) => ({ logging: { error: `/srv/${text}` } }),
    result: ({ logging }) => logging.errorLog.slice('/srv/'.length),
    harmless: /^[A-Za-z0-9_-][A-Za-z0-9._/-]*$/,
  },
  'the name of a response header': {
    settings: (name) => ({ response_headers: { [name]: 'x' } }),
    result: ({ responseHeaders }) => Object.keys(responseHeaders).at(-1),
    harmless: HEADER_NAME,
  },
  'the value of a response header': {
    settings: (value) => ({ response_headers: { 'X-Text': value } }),
    result: ({ responseHeaders }) => responseHeaders['X-Text'],
    harmless: /^(?! )[ -#%-~]+(?<! )$/,
  },
  'an identity header': {
    settings: (name) => ({ identity_headers: [name] }),
    result: ({ identityHeaders }) => identityHeaders[0],
    harmless: HEADER_NAME,
  },
  'a trusted proxy': {
    settings: (text) => ({ trusted_proxies: [text] }),
    result: ({ trustedProxies }) => trustedProxies[0],
    harmless: /^[0-9a-f.:]+(?:\/[0-9]+)?$/,
  },
}

function inventoryText(settings: object): string {
  return stringify({
    hosts: { g: { address: '10.0.0.1' }, a: { address: '10.0.0.2' } },
    groups: { gateways: { hosts: ['g'] }, app: { hosts: ['a'] } },
    gateway: {
      domain: 'example.com',
      vip: { address: '10.0.0.9/24', interface: 'eth0', virtual_router_id: 1 },
      tls: 'self-signed',
      pools: {},
      ...settings,
    },
  })
}

test.each(Object.keys(FIELDS))(
  'any text as %s comes through unchanged and harmless, or is refused',
  async (name) => {
    const field = FIELDS[name]
    if (field === undefined) throw new TypeError(name)
    const likely = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 .;$_-]{0,6}$/)
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyText, likely), async (text) => {
        const gateway = (await load(inventoryText(field.settings(text))))?.gateway
        if (gateway === null || gateway === undefined) return
        const folder = name === 'a folder of files' && !text.endsWith('/') ? `${text}/` : text
        expect(field.result(gateway)).toBe(text === '' ? '' : folder)
        expect(text).toMatch(field.harmless)
      }),
      { numRuns: 80 },
    )
  },
)

test('durations, sizes and rates come back as they were written, or shorter', () => {
  const unit = fc.constantFrom('ms', 's', 'm', 'h', 'd')
  fc.assert(
    fc.property(fc.nat(999_999), unit, (count, written) => {
      const value = parseDuration(`${count}${written}`)
      expect(parseDuration(formatDuration(value ?? -1))).toBe(value)
    }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999 }), fc.constantFrom('k', 'm', 'g'), (count, written) => {
      const value = parseSize(`${count}${written}`)
      expect(parseSize(formatSize(value ?? -1))).toBe(value)
    }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.constantFrom('r/s', 'r/m'), (count, written) => {
      const rate = parseRate(`${count}${written}`)
      expect(rate === null ? null : formatRate(rate)).toBe(`${count}${written}`)
    }),
  )
})

test.each([
  ['1d', 86_400_000],
  ['36h', 129_600_000],
  ['0s', 0],
  ['1.5h', null],
  ['-1s', null],
  ['1w', null],
])('%s is a duration of %s ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds)
})

test.each([
  ['16k', 16_384],
  ['1g', 1_073_741_824],
  ['16', null],
  ['16kb', null],
  ['1.5m', null],
])('%s is a size of %s bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

const anyAddress = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('::', '::1', '1::', 'fd00::1:0:0:1', '::ffff:10.0.0.1', '1:0:0:2::3'),
)

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
}

test('an address is in the network that is named for it, and an address in one way is the same in another', () => {
  fc.assert(
    fc.property(anyAddress, fc.integer({ min: 1, max: 128 }), (address, bits) => {
      const length = isIPv4(address) ? Math.min(bits, 32) : bits
      const network = parseNetwork(`${address}/${length}`)
      const [base = '', prefix = isIPv4(address) ? '32' : '128'] = network?.text.split('/') ?? []
      const list = new BlockList()
      list.addSubnet(base, Number(prefix), familyOf(base))
      expect(list.check(address, familyOf(address))).toBe(true)
      expect(parseNetwork(network?.text ?? '')).toEqual({ text: network?.text, exact: true })
      expect(sameNetwork(base, address, length)).toBe(true)
      expect(canonicalAddress(canonicalAddress(address).toUpperCase())).toBe(canonicalAddress(address))
    }),
  )
})

test('two addresses share a network exactly when the system says so', () => {
  fc.assert(
    fc.property(anyAddress, anyAddress, fc.integer({ min: 1, max: 32 }), (one, other, length) => {
      const list = new BlockList()
      list.addSubnet(one, length, familyOf(one))
      const same = familyOf(one) === familyOf(other) && list.check(other, familyOf(other))
      expect(sameNetwork(one, other, length)).toBe(same)
    }),
  )
})

test.each([
  ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
  ['FD00:0:0:1:0:0:0:1', 'fd00:0:0:1::1'],
  ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ['Gw-1.Example.com', 'gw-1.example.com'],
])('%s is written %s', (text, canonical) => {
  expect(canonicalAddress(text)).toBe(canonical)
})
