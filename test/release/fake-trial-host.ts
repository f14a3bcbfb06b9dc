import type { Duplex } from 'node:stream'
import type { TrialHost } from '../../src/engine/trial.js'
import { GwError } from '../../src/errors.js'
import type { Answers, Question } from '../../src/facts/fact.js'
import type { GatewayFitness } from '../../src/facts/gateway-fitness.js'
import type { UnitState } from '../../src/facts/unit.js'
import type { VrrpInstance } from '../../src/facts/vrrp-state.js'
import type { Gateway } from '../../src/model/gateway.js'
import type { Host } from '../../src/model/host.js'
import type { LockState } from '../../src/model/lock.js'
import type { TrialState } from '../../src/model/release-store.js'
import { EMPTY_STORE } from './store-text.js'
import { DOMAIN } from './health-server.js'

const ADDRESSES = { 'gw-1': '10.0.1.101', 'gw-2': '10.0.1.102', 'gw-3': '10.0.1.103' }
export const VIP = '10.0.1.100'

/** As much of a gateway as a proof and a guard look at. */
export const GATEWAY: Pick<Gateway, 'domain' | 'virtualIp'> = {
  domain: DOMAIN,
  virtualIp: {
    address: VIP,
    prefixLength: 24,
    interface: 'eth0',
    virtualRouterId: 51,
    profile: 'fast',
    advertIntervalMs: 50,
    downAdverts: 3,
    priorities: { 'gw-1': 100, 'gw-2': 90, 'gw-3': 80 },
    unicast: false,
    addresses: ADDRESSES,
  },
}

export const RUNNING: UnitState = {
  load: 'loaded',
  active: 'active',
  sub: 'running',
  enabled: 'enabled',
  needsDaemonReload: false,
  mainPid: 7,
  startedAt: 1,
  changedAt: 1,
  reloaded: true,
}

/** A gateway that is well in everything. */
export function fitness(release: string, changes: Partial<GatewayFitness> = {}): GatewayFitness {
  return {
    nginxState: '0',
    livenessState: '0',
    linkUp: true,
    release,
    folders: ['/var/lib/gw', '/var/log'].map((path) => ({
      path,
      writable: true,
      freeBytes: 10 ** 9,
      freeInodes: 10 ** 6,
    })),
    now: Date.now() / 1000,
    ...changes,
  }
}

export type GatewayName = keyof typeof ADDRESSES

/** A host of which a test says what it answers and where its connections lead. */
export class FakeTrialHost implements TrialHost {
  readonly host: Host
  /** Addresses that were asked for, in their order. */
  readonly forwarded: string[] = []
  holds = false
  /** Whether it has the address when it is asked next, and then, while it moves. */
  readonly holdsNext: boolean[] = []
  nginx: UnitState | null = RUNNING
  keepalived: UnitState | null = RUNNING
  fitness = fitness('v1.1')
  /** The state of its VRRP instance. */
  vrrp: VrrpInstance['state'] = 'BACKUP'
  lock: LockState | null = null
  trial: TrialState | null = null
  /** Thrown by every question. */
  lost: GwError | null = null

  constructor(
    readonly name: GatewayName,
    private readonly reach: (address: string) => Promise<Duplex>,
  ) {
    const connection = { address: ADDRESSES[name] } as Host['connection']
    this.host = { name, groups: [], connection, values: {} }
  }

  ask(): Promise<Answers> {
    if (this.lost !== null) return Promise.reject(this.lost)
    this.holds = this.holdsNext.shift() ?? this.holds
    const to = (question: Question<unknown>): unknown => {
      const { name } = question.argument as { name?: string }
      switch (question.fact.name) {
        case 'address':
          return this.holds
        case 'unit':
          return name === 'nginx.service' ? this.nginx : this.keepalived
        case 'vrrp':
          return { instances: [{ name: 'gateway', state: this.vrrp }] }
        case 'node-name':
          return this.name
        case 'lock':
          return { lock: this.lock, token: 0 }
        case 'release-store':
          return { ...EMPTY_STORE, trial: this.trial }
        default:
          return this.fitness
      }
    }
    return Promise.resolve({ to: to as Answers['to'] })
  }

  forward(address: string): Promise<Duplex> {
    this.forwarded.push(address)
    return this.reach(address)
  }
}

/** The error of a host that nobody reaches. */
export function unreachable(host: string): GwError {
  return new GwError('CONNECTION_REFUSED', 'no connection: nothing listens there', { host })
}
