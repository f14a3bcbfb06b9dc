import { describe, expect, it } from 'vitest'
import { drillPlanText, leftWarnings } from '../../src/cli/drill-plan-text.js'
import type { DrillPlan } from '../../src/drill/drill.js'
import type { DrillSettings } from '../../src/drill/report.js'
import { nginxStopped } from '../../src/drill/scenarios/nginx-stopped.js'
import { peerCut } from '../../src/drill/scenarios/peer-cut.js'
import { poolLost } from '../../src/drill/scenarios/pool-lost.js'
import type { DrillState, UndoneDrill } from '../../src/facts/drill-state.js'
import { drillOptions } from '../drill/drill-options.js'
import { testHost } from '../engine/fixtures.js'

const reach = {
  driver: { connect: () => Promise.reject(new Error('no host is reached')) },
  resolveSecret: () => Promise.reject(new Error('no secret is asked for')),
}

const OPTIONS = drillOptions(reach, { scenarios: [nginxStopped, peerCut, poolLost] })
const PLAN: DrillPlan = { from: 'gw-1', to: 'gw-2', drills: {} }

function settings(changes: Partial<DrillSettings>): DrillSettings {
  return { ...OPTIONS.settings, ...changes }
}

function planWith(state: Partial<DrillState>): DrillPlan {
  return { ...PLAN, drills: { 'gw-1': { armed: null, undone: null, ...state } } }
}

describe('what is shown before a drill begins', () => {
  it('says who has the address, what will be done, what is expected, and what undoes it', () => {
    expect(drillPlanText(OPTIONS, PLAN).split('\n')).toEqual([
      'gw-1 has 127.0.0.1; gw-2 would take it.',
      '  ~ nginx-stopped  NGINX is stopped on the gateway that has the virtual IP; it is to move',
      "  ~ peer-cut       The gateways do not hear each other's VRRP any more, while all else goes on; it is to be with two gateways, and that is to be seen",
      '  ~ pool-lost      No server of the largest pool answers any of the gateways any more; it is to stay',
      'Each fault lasts for 5s at most; hosts undo it by themselves after 30s.',
      'It is undone at once when clients have no answer for 1s, or something else is not well.',
      'Clients are on this machine.',
    ])
  })

  it('says where clients are, and whether the address is brought back', () => {
    const options = { ...OPTIONS, prober: testHost('admin-1'), settings: settings({ failback: true }) }
    expect(drillPlanText(options, PLAN)).toContain(
      'Clients are behind admin-1. The virtual IP is brought back after each.',
    )
  })

  it('names nobody who would take it while that may still change', () => {
    expect(drillPlanText(OPTIONS, { ...PLAN, to: null })).toContain('another gateway would take it.')
  })
})

describe('what drills before have left', () => {
  const undone = (by: UndoneDrill['by']): UndoneDrill => ({
    ...{ run: '3fa9c210', scenario: 'host-cut', time: '2026-11-22T06:00:00Z' },
    by,
  })

  it.each([
    ['host', 'by the host alone, when the time was over'],
    ['boot', 'at boot'],
    ['takeover', 'by the run that took the lock over'],
  ] as const)('is told where it was undone by %s', (by, who) => {
    expect(leftWarnings(planWith({ undone: undone(by) }))).toEqual([
      `the drill 3fa9c210 did not end: its host-cut on gw-1 was undone at 2026-11-22T06:00:00Z ${who}`,
    ])
  })

  it('is nothing where gw itself undid it, or nothing was done', () => {
    expect(leftWarnings(planWith({ undone: undone('gw') }))).toEqual([])
    expect(leftWarnings(planWith({}))).toEqual([])
    expect(leftWarnings(PLAN)).toEqual([])
  })
})
