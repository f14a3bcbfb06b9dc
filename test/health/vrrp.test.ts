import { describe, expect, it } from 'vitest'
import { judgeVrrp } from '../../src/health/fleet/vrrp.js'
import { testFleetCases } from './fleet-cases.js'
import { GATEWAY } from './gateway.js'
import { fleetSeen, hostSeen } from './observation.js'

describe('keepalived of the pair', () => {
  testFleetCases('vrrp', ({ fleet, gateway }) => judgeVrrp(fleet, gateway))

  it('has other settings than the inventory where its file was edited, which the phase configuration tells', () => {
    const { live, ...store } = hostSeen().store
    const edited = live.map((each) =>
      each.path === 'keepalived/keepalived.conf' ? { ...each, sha256: '0'.repeat(64) } : each,
    )
    const [instance] = hostSeen().vrrp?.instances ?? []
    if (instance === undefined) throw new Error('the healthy gateway has no VRRP instance')
    const vrrp = { instances: [{ ...instance, priority: 7, virtualRouterId: 8, interface: 'eth9' }] }
    const found = (files: typeof live) =>
      judgeVrrp(fleetSeen({ 'gw-1': { store: { ...store, live: files }, vrrp } }), GATEWAY)
    expect(found(edited)).toEqual({ verdict: 'pass', findings: [] })
    expect(found(live).findings).toHaveLength(3)
  })
})
