import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LAB, checkLabName, chooseNetwork, layOut, serviceOf } from '../../src/lab/topology.js'

const code = (code: string) => expect.objectContaining({ code }) as unknown

describe('the hosts of a lab', () => {
  test('are those of the reference topology at their places on the network', () => {
    const { hosts, virtualIp } = layOut('lab', '198.18.0', 0)
    expect(virtualIp).toBe('198.18.0.100')
    expect(hosts.map(({ name, address }) => `${name} ${address}`)).toEqual([
      'gw-1 198.18.0.101',
      'gw-2 198.18.0.102',
      'admin-1 198.18.0.111',
      'admin-2 198.18.0.112',
      'admin-3 198.18.0.113',
      'customer-1 198.18.0.121',
      'customer-2 198.18.0.122',
      'customer-3 198.18.0.123',
      'mon-1 198.18.0.131',
    ])
  })

  test('have names and addresses of their own however many plain ones there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (plain) => {
        const { hosts } = layOut('lab', '198.18.0', plain)
        expect(hosts).toHaveLength(9 + plain)
        expect(new Set(hosts.map(({ name }) => name)).size).toBe(hosts.length)
        expect(new Set(hosts.map(({ address }) => address)).size).toBe(hosts.length)
        for (const { address } of hosts) expect(Number(address.split('.')[3])).toBeLessThan(255)
      }),
    )
  })

  test.each([-1, 101, 1.5, Number.NaN])('are refused with %d plain ones', (plain) => {
    expect(() => layOut('lab', '198.18.0', plain)).toThrow(code('USAGE'))
  })

  test('run a service only in the two pools', () => {
    expect(serviceOf('admin')).toEqual({ name: 'admin-server', port: 3000 })
    expect(serviceOf('customer')).toEqual({ name: 'customer-server', port: 3001 })
    expect(serviceOf('gateway')).toBeNull()
  })
})

describe('the network of a lab', () => {
  test('is 198.18.0.0/24 for the default lab, and for no other', () => {
    expect(chooseNetwork(DEFAULT_LAB, [])).toBe('198.18.0')
    expect(chooseNetwork('test', [])).toBe('198.18.1')
  })

  test('is the first that overlaps none of the machine', () => {
    expect(chooseNetwork('test', ['198.18.1.0/24', '198.18.2.7/32', '10.0.0.0/8', '198.18.3.128/25'])).toBe(
      '198.18.4',
    )
    expect(chooseNetwork('test', ['198.18.0.0/16'])).toBe('198.19.0')
  })

  test('is refused to the default lab when another has it', () => {
    expect(() => chooseNetwork(DEFAULT_LAB, ['198.18.0.0/24'])).toThrow(code('LAB_UNAVAILABLE'))
  })

  test('is refused when the whole range is taken', () => {
    expect(() => chooseNetwork('test', ['198.18.0.0/15'])).toThrow(code('LAB_UNAVAILABLE'))
    expect(() => chooseNetwork('test', ['0.0.0.0/0'])).toThrow(code('LAB_UNAVAILABLE'))
  })

  test('is a free one in 198.18.0.0/15 whatever other labs have taken', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 511 }), { maxLength: 400 }), (numbers) => {
        const taken = numbers.map((number) => `198.${18 + Math.floor(number / 256)}.${number % 256}.0/24`)
        const prefix = chooseNetwork('test', taken)
        expect(taken).not.toContain(`${prefix}.0/24`)
        expect(prefix).toMatch(/^198\.1[89]\.\d{1,3}$/)
        expect(prefix).not.toBe('198.18.0')
      }),
    )
  })
})

describe('the name of a lab', () => {
  test.each(['lab', 'test', 'a', 'a-1', '0'])('may be %s', (name) => {
    expect(checkLabName(name)).toBe(name)
  })

  test.each(['', '-a', 'A', 'a_b', 'a b', '../x', 'a/b', 'a\n', 'x'.repeat(32)])('may not be %j', (name) => {
    expect(() => checkLabName(name)).toThrow(code('USAGE'))
  })
})
