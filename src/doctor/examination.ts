import type { GwError } from '../errors.js'
import type { AptState } from '../facts/apt-state.js'
import type { DiskRoom } from '../facts/disk-room.js'
import type { HostSystem } from '../facts/host-system.js'
import type { Listener } from '../facts/listeners.js'
import type { NetworkInterface } from '../facts/network-interfaces.js'
import type { Host } from '../model/host.js'
import type { Hearing } from './hearing.js'

/** A file by which hosts are reached; `problem` in a few words when it cannot be read. */
export interface ReadableFile {
  readonly path: string
  readonly problem: string | null
  /** The permission bits; 0 when it is not there. */
  readonly mode: number
}

/** An ssh agent; `keys` is how many it holds, null when it does not answer. */
export interface AgentState {
  readonly socket: string
  readonly keys: number | null
}

/** What the machine that gw runs on has to reach hosts with. */
export interface MachineExamination {
  /** As Node says it: `v20.19.0`. */
  readonly node: string
  readonly agents: readonly AgentState[]
  readonly identityFiles: readonly ReadableFile[]
  /** Those that are there. */
  readonly knownHosts: readonly ReadableFile[]
}

/** What a host that could be asked said, and what was tried through it. */
export interface HostAnswers {
  readonly system: HostSystem
  /** null without apt. */
  readonly apt: AptState | null
  /** By the folder that was asked about, those that are there. */
  readonly rooms: Readonly<Record<string, DiskRoom>>
  readonly interfaces: readonly NetworkInterface[]
  /** Sockets that listen on the ports of a gateway. */
  readonly listeners: readonly Listener[]
  /** Whether its sshd forwards connections; null when that could not be tried. */
  readonly forwards: boolean | null
  /** Its clock minus this machine's, in seconds; null when it could not be read. */
  readonly clockOffset: number | null
  /** What it heard of the others; null when it did not listen. */
  readonly hearing: Hearing | null
}

export interface HostExamination {
  readonly host: Host
  readonly isGateway: boolean
  readonly answers: HostAnswers | GwError
}

/** All that was seen of an environment; nothing was changed for it. */
export interface Examination {
  readonly machine: MachineExamination
  /** In the order of the inventory. */
  readonly hosts: readonly HostExamination[]
}
