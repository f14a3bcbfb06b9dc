import type { Listening } from '../../src/doctor/checks/vrrp.js'
import type { Examination, HostAnswers, MachineExamination } from '../../src/doctor/examination.js'
import type { Hearing } from '../../src/doctor/hearing.js'
import type { AptState } from '../../src/facts/apt-state.js'
import type { DiskRoom } from '../../src/facts/disk-room.js'
import type { HostSystem } from '../../src/facts/host-system.js'
import type { NetworkInterface } from '../../src/facts/network-interfaces.js'
import type { Host } from '../../src/model/host.js'

const GIGABYTE = 1024 ** 3

export const SYSTEM: HostSystem = {
  distribution: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)' },
  systemd: 252,
  missing: [],
  memoryBytes: GIGABYTE,
  clockKept: true,
}

export const APT: AptState = {
  packages: [
    { name: 'nginx', installed: null, candidate: '1.22.1-9+deb12u11' },
    { name: 'keepalived', installed: null, candidate: '1:2.2.7-1+b2' },
  ],
  listsAgeSeconds: 3600,
  broken: [],
  holder: null,
}

export const ROOMS: Readonly<Record<string, DiskRoom>> = {
  '/': { mount: '/', writable: true, freeBytes: 20 * GIGABYTE, freeInodes: 1_000_000 },
  '/run': { mount: '/run', writable: true, freeBytes: 100 * 1024 ** 2, freeInodes: 100_000 },
  '/var/lib': { mount: '/', writable: true, freeBytes: 20 * GIGABYTE, freeInodes: 1_000_000 },
  '/var/log': { mount: '/var/log', writable: true, freeBytes: 2 * GIGABYTE, freeInodes: null },
}

export const INTERFACES: readonly NetworkInterface[] = [
  { name: 'lo', up: true, addresses: ['127.0.0.1/8', '::1/128'] },
  { name: 'eth0', up: true, addresses: ['10.0.1.101/24', 'fe80::1/64'] },
  { name: 'eth1', up: true, addresses: ['192.0.2.7/29'] },
]

function hearing(peer: string): Hearing {
  return {
    failure: null,
    heard: { multicast: { [peer]: 255 }, unicast: { [peer]: 64 } },
    refused: {},
    strangers: [],
  }
}

export const LISTENING: readonly Listening[] = [
  { host: 'gw-1', hearing: hearing('gw-2') },
  { host: 'gw-2', hearing: hearing('gw-1') },
]

export const MACHINE: MachineExamination = {
  node: 'v20.19.0',
  agents: [{ socket: '/run/agent', keys: 2 }],
  identityFiles: [{ path: '/home/ann/.ssh/id_ed25519', problem: null, mode: 0o600 }],
  knownHosts: [{ path: '/home/ann/.ssh/known_hosts', problem: null, mode: 0o644 }],
}

export function host(name: string, address: string, group = 'gateways'): Host {
  return {
    name,
    groups: ['all', group],
    connection: {
      ...{ address, port: 22, user: 'ann', identityFiles: [], agent: null, knownHosts: [] },
      ...{ driver: 'ssh2', jump: [], become: { method: 'none' }, connectTimeoutMs: 1000 },
    },
    values: {},
  }
}

function answers(own: string, peer: string): HostAnswers {
  return {
    system: SYSTEM,
    apt: APT,
    rooms: ROOMS,
    interfaces: [{ name: 'eth0', up: true, addresses: [`${own}/24`] }],
    listeners: [],
    forwards: true,
    clockOffset: 0.01,
    hearing: hearing(peer),
  }
}

/** A pair of bare hosts that are fit to become gateways. */
export const EXAMINATION: Examination = {
  machine: MACHINE,
  hosts: [
    { host: host('gw-1', '10.0.1.101'), isGateway: true, answers: answers('10.0.1.101', 'gw-2') },
    { host: host('gw-2', '10.0.1.102'), isGateway: true, answers: answers('10.0.1.102', 'gw-1') },
  ],
}
