import { describe, expect, it } from 'vitest'
import { addressHeld } from '../../src/facts/address.js'
import { guardStatus } from '../../src/facts/guard.js'
import { sysctlValue } from '../../src/facts/sysctl.js'
import { userState } from '../../src/facts/user.js'
import { answersOf } from '../operations/local-shell.js'

describe('the small questions, asked by a real shell', () => {
  it('gives the exit status of each guard, a broken one harming no other', async () => {
    const scripts = ['true', 'exit 3', 'if then "', 'cat', 'nothing-of-that-name']

    const statuses = await answersOf(
      guardStatus,
      scripts.map((script) => ({ script })),
    )

    expect(statuses[0]).toBe(0)
    expect(statuses[1]).toBe(3)
    expect(statuses[2]).toBeGreaterThan(0)
    expect(statuses[3]).toBe(0)
    expect(statuses[4]).toBe(127)
  })

  it('reads a kernel parameter whole, and tells one that is not there', async () => {
    const answers = await answersOf(sysctlValue, [
      { key: 'kernel.ostype' },
      { key: 'kernel.pid_max' },
      { key: 'no.such' },
    ])

    expect(answers).toEqual(['Linux', expect.stringMatching(/^\d{4,}$/), null])
  })

  it('finds the account root and no account of a strange name', async () => {
    const answers = await answersOf(userState, [{ name: 'root' }, { name: 'no-such-account' }])

    expect(answers).toEqual([expect.objectContaining({ uid: 0, home: '/root' }), null])
  })

  it('finds the loopback address and not one of a test network', async () => {
    expect(await answersOf(addressHeld, [{ address: '127.0.0.1' }, { address: '203.0.113.77' }])).toEqual([
      true,
      false,
    ])
  })
})
