import { Parser } from '@oclif/core'
import { describe, expect, it } from 'vitest'
import { drillFlags, drillRequest, type DrillRequest } from '../../src/cli/drill-flags.js'
import { SCENARIO_NAMES } from '../../src/drill/scenarios/names.js'

async function asked(...argv: readonly string[]): Promise<DrillRequest> {
  const { flags } = await Parser.parse([...argv], { flags: drillFlags })
  return drillRequest('lab', flags)
}

describe('the flags of a drill', () => {
  it('ask for all scenarios but a reboot, and one second of outage at most, where nothing is said', async () => {
    expect(await asked()).toMatchObject({
      environment: 'lab',
      scenarios: SCENARIO_NAMES.filter((name) => name !== 'reboot'),
      settings: { maxOutageMs: 1000, rate: 100, from: null, holdMs: 5000, undoAfterMs: 30_000 },
      ...{ lockWaitMs: 0, leaseMs: 30_000, reason: '' },
    })
  })

  it('are in milliseconds, however they are written', async () => {
    const { settings, lockWaitMs, leaseMs } = await asked(
      ...['--max-outage', '250ms', '--hold', '10s', '--undo-after', '2m'],
      ...['--lock-wait', '10m', '--lease', '20s'],
    )
    expect(settings).toMatchObject({ maxOutageMs: 250, holdMs: 10_000, undoAfterMs: 120_000 })
    expect([lockWaitMs, leaseMs]).toEqual([600_000, 20_000])
  })

  it('run scenarios in the order in which they are typed, and as often', async () => {
    const { scenarios } = await asked(
      ...['--scenario', 'reboot', '--scenario', 'handover'],
      ...['--scenario', 'reboot'],
    )
    expect(scenarios).toEqual(['reboot', 'handover', 'reboot'])
  })

  it('take all else as it is typed', async () => {
    const { settings, ...request } = await asked(
      ...['--from', 'admin-1', '--rate', '200', '--failback', '--yes', '--check', '--reason', 'game day'],
    )
    expect(settings).toMatchObject({ from: 'admin-1', rate: 200, failback: true })
    expect(request).toMatchObject({ yes: true, check: true, reason: 'game day' })
  })

  it.each([
    [['--scenario', 'host-gone'], 'Expected --scenario=host-gone to be one of: nginx-stopped,'],
    [['--max-outage', '10ms'], '--max-outage is a duration from 20ms to 10m, not "10ms"'],
    [['--max-outage', '500'], '--max-outage is a duration'],
    [['--hold', '0s'], '--hold is a duration from 1s to 10m, not "0s"'],
    [['--undo-after', '2h'], '--undo-after is a duration from 5s to 1h, not "2h"'],
    [['--rate', '5'], 'Expected an integer greater than or equal to 10 but received: 5'],
    [['--rate', '1001'], 'Expected an integer less than or equal to 1000 but received: 1001'],
    [['--limit', 'gw-1'], 'Nonexistent flag: --limit'],
  ])('refuse %j', async (argv, message) => {
    await expect(asked(...argv)).rejects.toThrow(message)
  })
})
