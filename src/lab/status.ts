import { labContainers, requireEngine } from './docker.js'
import { labStateDir, projectDir } from './project-dir.js'
import { recall } from './state.js'
import { checkLabName, layOut } from './topology.js'

/** One host of a lab; `state` is Docker's word for its container ("running", "exited", ...) or "missing". */
interface LabHostStatus {
  readonly host: string
  readonly address: string
  readonly state: string
}

export interface LabStatus {
  readonly name: string
  /** The lab's network, `null` when the lab was never brought up. */
  readonly network: string | null
  readonly hosts: readonly LabHostStatus[]
}

/** @throws GwError USAGE (name), LAB_UNAVAILABLE (no engine). */
export async function labStatus(lab: string): Promise<LabStatus> {
  const name = checkLabName(lab)
  const memory = await recall(labStateDir(projectDir(), name))
  if (memory === null) return { name, network: null, hosts: [] }
  await requireEngine()
  const states = new Map((await labContainers(name)).map(({ host, state }) => [host, state]))
  const hosts = layOut(name, memory.prefix, memory.plain).hosts.map((host) => ({
    host: host.name,
    address: host.address,
    state: states.get(host.name) ?? 'missing',
  }))
  return { name, network: `${memory.prefix}.0/24`, hosts }
}

/** The status as lines of a table for people. */
export function statusLines(status: LabStatus): string[] {
  if (status.network === null)
    return [`The lab ${status.name} is not up. Type next: gw lab up --name ${status.name}`]
  const rows = [{ host: 'HOST', address: 'ADDRESS', state: 'STATE' }, ...status.hosts]
  const width = Math.max(...rows.map(({ host }) => host.length))
  return rows.map(({ host, address, state }) => `${host.padEnd(width)}  ${address.padEnd(15)}  ${state}`)
}
