import { describe, expect, it } from 'vitest'
import { backupsText, fleetBackups } from '../../src/cli/backup-view.js'

const plain = (_style: unknown, text: string): string => text
const [MONDAY, TUESDAY, BY_HAND] = ['20261123T020000Z', '20261124T020000Z', '20261124T093012Z']
const NOW = Date.parse('2026-11-24T10:00:00Z')

const FOUND = new Map([
  [
    'gw-1',
    [
      { name: MONDAY, release: 'v1.2', size: 100_000 },
      { name: TUESDAY, release: 'v1.3', size: 200_000 },
    ],
  ],
  [
    'gw-2',
    [
      { name: TUESDAY, release: 'v1.2', size: 20_000_000 },
      { name: BY_HAND, release: null, size: 0 },
    ],
  ],
])

describe('the backups of a fleet', () => {
  it('stand once for each name, the newest first, with the hosts that lack them', () => {
    expect(fleetBackups(FOUND)).toEqual([
      {
        name: BY_HAND,
        createdAt: '2026-11-24T09:30:12Z',
        hosts: { 'gw-2': { release: null, size: 0 } },
        missing: ['gw-1'],
      },
      {
        name: TUESDAY,
        createdAt: '2026-11-24T02:00:00Z',
        hosts: { 'gw-1': { release: 'v1.3', size: 200_000 }, 'gw-2': { release: 'v1.2', size: 20_000_000 } },
        missing: [],
      },
      {
        name: MONDAY,
        createdAt: '2026-11-23T02:00:00Z',
        hosts: { 'gw-1': { release: 'v1.2', size: 100_000 } },
        missing: ['gw-2'],
      },
    ])
  })

  it('are a table for people', () => {
    expect(backupsText(fleetBackups(FOUND), NOW, plain)).toBe(
      [
        'BACKUP            RELEASE     HOSTS       SIZE    AGE',
        '20261124T093012Z  unknown     gw-2        0 KiB   29 minutes  not on gw-1',
        '20261124T020000Z  v1.3, v1.2  gw-1, gw-2  20 MiB  8 hours',
        '20261123T020000Z  v1.2        gw-1        98 KiB  32 hours    not on gw-2',
      ].join('\n'),
    )
  })

  it.each([
    ['20261124T095959Z', 'just now'],
    ['20261124T100500Z', 'just now'],
    ['20261124T095900Z', '1 minute'],
    ['20261122T100000Z', '2 days'],
    ['20269999T020000Z', 'unknown'],
  ])('%s is made %s', (name, age) => {
    const listed = fleetBackups(new Map([['gw-1', [{ name, release: 'v1.0', size: 1 }]]]))
    expect(backupsText(listed, NOW, plain).split('\n')[1]).toBe(`${name}  v1.0     gw-1   1 KiB  ${age}`)
  })
})
