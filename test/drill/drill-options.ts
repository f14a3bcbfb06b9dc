import type { DrillOptions } from '../../src/drill/drill-settings.js'
import { nginxStopped } from '../../src/drill/scenarios/nginx-stopped.js'
import type { Reach } from '../../src/engine/session.js'
import { GATEWAY } from '../health/gateway.js'
import { testHost } from '../engine/fixtures.js'

/** A drill of a pair of gateways; nothing of it leaves this machine. */
export function drillOptions(reach: Reach, more: Partial<DrillOptions> = {}): DrillOptions {
  return {
    ...{ run: '0a1b2c3d', by: 'alice@laptop', command: 'gw failover-drill lab', reason: 'game day' },
    gateway: { ...GATEWAY, virtualIp: { ...GATEWAY.virtualIp, address: '127.0.0.1' } },
    hosts: [testHost('gw-1'), testHost('gw-2')],
    prober: null,
    target: { address: '127.0.0.1', port: 1, domain: GATEWAY.domain, path: '/health', roots: [] },
    reach,
    scenarios: [nginxStopped],
    settings: {
      ...{ maxOutageMs: 1000, rate: 100, from: null, failback: false },
      ...{ holdMs: 5000, undoAfterMs: 30_000 },
    },
    ...{ leaseMs: 30_000, lockWaitMs: 0 },
    ...{ stop: new AbortController().signal, abandon: new AbortController().signal },
    emit: () => undefined,
    listener: { scenario: () => undefined, event: () => undefined },
    ...more,
  }
}
