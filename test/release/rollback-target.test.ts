import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rollbackTarget } from '../../src/release/rollback-target.js'
import { anyStores, storeOf, storesOf, type Stores } from './store-text.js'

/** What every gateway has, the target, and the release that was asked for. */
const TARGETS: Record<string, readonly [Record<string, string>, string, wanted?: string]> = {
  'the one before': [{ 'gw-1': 'v1.0 v1.1 >v1.2', 'gw-2': 'v1.0 v1.1 >v1.2' }, 'v1.1'],
  'past one that some host never confirmed': [
    { 'gw-1': 'v1.0 <v1.1 >v1.2', 'gw-2': '<v1.0 v1.1? >v1.2' },
    'v1.0',
  ],
  'never forward again': [{ 'gw-1': 'v1.0 >v1.1 v1.2', 'gw-2': 'v1.0 >v1.1 v1.2' }, 'v1.0'],
  'the one that half of the fleet has already': [{ 'gw-1': 'v1.0 >v1.1', 'gw-2': '>v1.0 v1.1?' }, 'v1.0'],
  'by when releases came, not by their names': [
    { 'gw-1': 'v2.0 v1.9 >v1.10', 'gw-2': 'v2.0 v1.9 >v1.10' },
    'v1.9',
  ],
  'what was asked for, forward too': [
    { 'gw-1': 'v1.0 >v1.1 v1.2', 'gw-2': 'v1.0 >v1.1 v1.2' },
    'v1.2',
    'v1.2',
  ],
  'the one that was served last, which came before another': [
    { 'gw-1': 'v1.9@3 v1.11@2 >v1.12@4', 'gw-2': 'v1.9@3 v1.11@2 >v1.12@4' },
    'v1.9',
  ],
  'the one that all served last, though one host went back further since': [
    { 'gw-1': 'v1.9@3 v1.11@2 >v1.12@4', 'gw-2': 'v1.9@1 v1.11@2 >v1.12@4' },
    'v1.11',
  ],
}

const REFUSED: Record<string, readonly [Record<string, string>, message: string, wanted?: string]> = {
  'nothing of gw': [{ 'gw-1': '', 'gw-2': '' }, 'there is no release to go back to'],
  'the first release': [{ 'gw-1': '>v1.0', 'gw-2': '>v1.0' }, 'there is no release to go back to'],
  'nothing confirmed before': [
    { 'gw-1': 'v1.0? >v1.1', 'gw-2': 'v1.0? >v1.1' },
    'none before the current one was confirmed on every host; nothing was changed',
  ],
  'a release that one host lacks': [
    { 'gw-1': 'v1.0 v1.1 >v1.2', 'gw-2': 'v1.0 >v1.2' },
    'there is no release v1.1 on gw-2; nothing was changed',
    'v1.1',
  ],
  'a release that some host never confirmed': [
    { 'gw-1': 'v1.0 >v1.2 v1.3', 'gw-2': 'v1.0 >v1.2 v1.3?' },
    'v1.3 was never confirmed on gw-2, so nobody knows that it serves there; nothing was changed',
    'v1.3',
  ],
}

describe('the release to go back to', () => {
  it.each(Object.entries(TARGETS))('is %s', (_title, [texts, target, wanted = null]) => {
    expect(rollbackTarget(storesOf(texts), wanted)).toBe(target)
  })

  it.each(Object.entries(REFUSED))('is none for %s', (_title, [texts, message, wanted = null]) => {
    expect(() => rollbackTarget(storesOf(texts), wanted)).toThrow(
      expect.objectContaining({
        code: 'RELEASE_UNKNOWN',
        message: expect.stringContaining(message) as string,
        nextSteps: expect.arrayContaining([expect.stringContaining('gw releases')]) as string[],
      }),
    )
  })

  it('counts from what was confirmed, where another one is on trial', () => {
    const trial = { run: '0a1b2c3d', release: 'v1.3', before: 'v1.2' }
    const stores = {
      'gw-1': storeOf('v1.1 v1.2 >v1.3?', { trial }),
      'gw-2': storeOf('v1.1 >v1.2 v1.3?'),
    }
    expect(rollbackTarget(stores, null)).toBe('v1.1')
  })

  it('names what could be had when it refuses', () => {
    const stores = storesOf({ 'gw-1': 'v1.0 v1.1? >v1.2', 'gw-2': 'v1.0 >v1.2' })
    expect(() => rollbackTarget(stores, 'v1.1')).toThrow(
      expect.objectContaining({
        nextSteps: expect.arrayContaining([
          expect.stringContaining('Confirmed on all of them, the newest first: v1.2, v1.0;'),
        ]) as string[],
      }),
    )
  })

  it('was confirmed on every host, came after no current one, and changes something', () => {
    let found = 0
    fc.assert(
      fc.property(anyStores, (stores) => {
        const target = targetOf(stores)
        if (target === null) return
        found += 1
        const hosts = Object.values(stores)
        for (const { current, releases } of hosts) {
          const [place, now] = [target, current].map((name) =>
            releases.findIndex((each) => each.name === name),
          )
          expect(releases[place ?? -1]?.confirmed ?? null).not.toBeNull()
          if (current !== null) expect(place).toBeLessThanOrEqual(now ?? -1)
        }
        expect(hosts.some(({ current }) => current !== target)).toBe(true)
      }),
      { numRuns: 500 },
    )
    expect(found).toBeGreaterThan(20)
  })

  it('is the one that was asked for or none', () => {
    fc.assert(
      fc.property(anyStores, fc.constantFrom('v1.0', 'v1.9', 'v3.0'), (stores, wanted) => {
        expect([wanted, null]).toContain(targetOf(stores, wanted))
      }),
    )
  })
})

function targetOf(stores: Stores, wanted: string | null = null): string | null {
  try {
    return rollbackTarget(stores, wanted)
  } catch (error) {
    expect(error).toMatchObject({ code: 'RELEASE_UNKNOWN' })
    return null
  }
}
