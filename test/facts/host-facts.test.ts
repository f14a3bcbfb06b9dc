import { describe, expect, it } from 'vitest'
import { aptState } from '../../src/facts/apt-state.js'
import { diskRoom } from '../../src/facts/disk-room.js'
import { hostSystem } from '../../src/facts/host-system.js'
import { networkInterfaces } from '../../src/facts/network-interfaces.js'
import { answersOf } from '../operations/local-shell.js'

describe('what a host is, asked by a real shell', () => {
  it('is its distribution, its memory, and which programs it lacks', async () => {
    const programs = ['sh', 'no-such-program', 'sed']
    const [first, second] = await answersOf(hostSystem, [{ programs }, { programs: [] }])
    expect(first?.missing).toEqual(['no-such-program'])
    expect(second?.missing).toEqual([])
    expect(first?.distribution?.id).toMatch(/^[a-z]+$/)
    expect(first?.memoryBytes).toBeGreaterThan(1024 ** 2)
  })

  it('tells a package that apt has never heard of, once for each question', async () => {
    const packages = ['no-such-package-of-anybody']
    const states = await answersOf(aptState, [{ packages }, { packages }])
    const none = { name: packages[0], installed: null, candidate: null }
    expect(states.map((state) => state?.packages)).toEqual([[none], [none]])
  })

  it('has room in folders, none of it where nothing can be written', async () => {
    const [tmp, sys, nowhere] = await answersOf(diskRoom, [
      { folder: '/tmp' },
      { folder: '/proc/sys' },
      { folder: '/nowhere' },
    ])
    expect(tmp?.writable).toBe(true)
    expect(tmp?.freeBytes).toBeGreaterThan(0)
    expect(sys).toMatchObject({ freeBytes: 0, freeInodes: null })
    expect(nowhere).toBeNull()
  })

  it('has a loopback interface', async () => {
    const [interfaces] = await answersOf(networkInterfaces, [{}])
    const loopback = interfaces?.find(({ name }) => name === 'lo')
    expect(loopback?.addresses).toContain('127.0.0.1/8')
    expect(loopback?.up).toBe(true)
  })
})
