import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commonClock, judgeClock, judgeOwnClock } from '../../src/doctor/checks/clock.js'
import { judgeDisk } from '../../src/doctor/checks/disk.js'
import { judgeForwarding } from '../../src/doctor/checks/forwarding.js'
import { judgeInterface } from '../../src/doctor/checks/interface.js'
import { judgeKeys, judgeNode } from '../../src/doctor/checks/machine.js'
import { judgeMemory } from '../../src/doctor/checks/memory.js'
import { judgePackages } from '../../src/doctor/checks/packages.js'
import { judgePorts } from '../../src/doctor/checks/ports.js'
import { judgeSystem } from '../../src/doctor/checks/system.js'
import { judgeVrrp, type Listening } from '../../src/doctor/checks/vrrp.js'
import type { MachineExamination } from '../../src/doctor/examination.js'
import type { AptState } from '../../src/facts/apt-state.js'
import type { DiskRoom } from '../../src/facts/disk-room.js'
import type { HostSystem } from '../../src/facts/host-system.js'
import type { Listener } from '../../src/facts/listeners.js'
import type { NetworkInterface } from '../../src/facts/network-interfaces.js'
import type { VirtualIp } from '../../src/model/gateway.js'
import type { Judgement } from '../../src/model/health.js'
import { withChanges, type Changes } from '../health/changes.js'
import { GATEWAY } from '../health/gateway.js'
import { APT, INTERFACES, LISTENING, MACHINE, ROOMS, SYSTEM } from './examination.js'

const CASES = new URL('../cases/doctor/', import.meta.url)

/** What differs from a host that is well, by the check that looks at it. */
interface Seen {
  readonly system?: Changes<HostSystem>
  readonly apt?: Changes<AptState> | null
  readonly rooms?: Changes<Record<string, DiskRoom>>
  readonly interfaces?: readonly NetworkInterface[]
  readonly vip?: Changes<VirtualIp>
  readonly listeners?: readonly Listener[]
  readonly forwards?: boolean | null
  readonly offset?: number | null
  /** The clocks of all hosts, this one's among them. */
  readonly others?: readonly number[]
  readonly kept?: boolean | null
  readonly offsets?: readonly number[]
  readonly node?: string
  readonly loggedIn?: boolean
  readonly machine?: Changes<MachineExamination>
  readonly gateways?: readonly Listening[]
}

function aptOf({ apt = {} }: Seen): AptState | null {
  return apt === null ? null : withChanges(APT, apt)
}

function vipOf({ vip = {} }: Seen): VirtualIp {
  return withChanges(GATEWAY.virtualIp, vip)
}

const CHECKS: Readonly<Record<string, (seen: Seen) => Judgement>> = {
  system: (seen) => judgeSystem('gw-1', withChanges(SYSTEM, seen.system ?? {}), aptOf(seen) !== null),
  packages: (seen) => judgePackages('gw-1', aptOf(seen)),
  disk: ({ rooms = {} }) => judgeDisk('gw-1', withChanges(ROOMS, rooms)),
  memory: ({ system = {} }) => judgeMemory('gw-1', withChanges(SYSTEM, system)),
  clock: ({ offset = 0, others = [0, 0], kept = true }) =>
    judgeClock('gw-1', offset, { common: commonClock(others), kept }),
  'own-clock': ({ offsets = [] }) => judgeOwnClock(offsets),
  interface: (seen) => judgeInterface('gw-1', seen.interfaces ?? INTERFACES, vipOf(seen)),
  ports: ({ listeners = [] }) => judgePorts('gw-1', listeners),
  forwarding: ({ forwards = true }) => judgeForwarding('gw-1', forwards),
  node: ({ node = 'v20.19.0' }) => judgeNode(node),
  keys: ({ machine = {}, loggedIn = false }) => judgeKeys(withChanges(MACHINE, machine), loggedIn),
  vrrp: (seen) => judgeVrrp(seen.gateways ?? LISTENING, vipOf(seen)),
}

describe.each(Object.entries(CHECKS))('the check %s', (name, judge) => {
  const files = readdirSync(new URL(`${name}/`, CASES))

  it('passes, with nothing to say, what is well', () => {
    expect(judge(name === 'own-clock' ? { offsets: [0.01, -0.02] } : {})).toEqual({
      verdict: 'pass',
      findings: [],
    })
  })

  it.each(files.map((file) => file.replace(/\.json$/, '').replaceAll('-', ' ')))('judges %s', (title) => {
    const file = new URL(`${name}/${title.replaceAll(' ', '-')}.json`, CASES)
    const { seen, judgement } = JSON.parse(readFileSync(file, 'utf8')) as {
      seen: Seen
      judgement: Judgement
    }
    expect(judge(seen)).toEqual(judgement)
  })
})
