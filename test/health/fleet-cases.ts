import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { VrrpInstance } from '../../src/facts/vrrp-state.js'
import type { AddressProbe, FleetObservation, HostObservation } from '../../src/health/observation.js'
import {
  type HostHealth,
  type Judgement,
  PHASES,
  type PhaseName,
  type Verdict,
} from '../../src/model/health.js'
import type { Gateway } from '../../src/model/gateway.js'
import { type Changes, withChanges } from './changes.js'
import { gatewayWith } from './gateway.js'
import { fleetSeen, type HostName, hostSeen } from './observation.js'

type ByHost<T> = Partial<Readonly<Record<HostName, T>>>

/** One file under test/cases/health/<check>/: what differs from a pair that is well. */
interface FleetCase {
  readonly hosts?: ByHost<Changes<HostObservation>>
  /** What differs in the VRRP instance of a host. */
  readonly vrrp?: ByHost<Partial<VrrpInstance>>
  readonly unreachable?: readonly HostName[]
  /** Only this gateway is in the inventory. */
  readonly single?: HostName
  readonly address?: AddressProbe
  readonly gateway?: Changes<Gateway>
  /** What the phases of a host came to. */
  readonly phases?: ByHost<Partial<Readonly<Record<PhaseName, Verdict>>>>
}

export interface JudgedCase {
  readonly fleet: FleetObservation
  readonly gateway: Gateway
  readonly hosts: readonly HostHealth[]
}

/** A test for each file of a check; what is found stands beside it. */
export function testFleetCases(check: string, judge: (given: JudgedCase) => Judgement): void {
  const folder = join(import.meta.dirname, '../cases/health', check)
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  test.each(files.map((file) => ({ title: file.slice(0, -'.json'.length).replaceAll('-', ' '), file })))(
    '$title',
    async ({ file }) => {
      const given = JSON.parse(readFileSync(join(folder, file), 'utf8')) as FleetCase
      const text = findingsText(judge(judgedCase(given)))
      await expect(text).toMatchFileSnapshot(join(folder, `${file}.expected.txt`))
    },
  )
}

export function findingsText({ verdict, findings }: Judgement): string {
  const lines = findings.map(
    ({ severity, message, help }) => `${severity}: ${message}\n${help === '' ? '' : `  ${help}\n`}`,
  )
  return `${verdict}\n${lines.join('')}`
}

function judgedCase({ unreachable = [], single, ...given }: FleetCase): JudgedCase {
  const whole = fleetSeen(given.hosts, given.address === undefined ? {} : { address: given.address })
  const hosts = whole.hosts
    .filter(({ host }) => !unreachable.some((each) => each === host) && (single ?? host) === host)
    .map((seen) => withInstance(seen, given.vrrp))
  return {
    fleet: { ...whole, hosts, unreachable },
    gateway: gatewayWith(given.gateway ?? {}),
    hosts: hosts.map((seen) => healthOf(seen, given.phases)),
  }
}

function withInstance(seen: HostObservation, changes: FleetCase['vrrp']): HostObservation {
  const change = changes?.[seen.host as HostName]
  if (change === undefined || seen.vrrp === null) return seen
  return { ...seen, vrrp: { instances: seen.vrrp.instances.map((each) => withChanges(each, change)) } }
}

function healthOf(seen: HostObservation, verdicts: FleetCase['phases']): HostHealth {
  const said = verdicts?.[seen.host as HostName] ?? {}
  const { host, holdsAddress, clockOffset } = hostSeen({}, seen.host as HostName)
  return {
    host,
    phases: Object.fromEntries(
      PHASES.map((phase) => [phase, { verdict: said[phase] ?? 'pass', findings: [] }]),
    ),
    release: seen.store.current,
    holdsAddress,
    certificates: [],
    clockOffset,
  }
}
