import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { serviceOf } from './topology.js'
import type { Lab, LabHost } from './topology.js'

/** Labels by which containers, networks and images are found again; they are the only memory that Docker keeps. */
export const LABEL = {
  lab: 'gw.lab',
  host: 'gw.lab.host',
  definition: 'gw.lab.definition',
  state: 'gw.lab.state',
  image: 'gw.lab.image',
} as const

/** Tags of the images that the hosts run. */
export interface LabImages {
  readonly host: string
  readonly backend: string
}

/** What the compose document depends on beside the lab itself. */
export interface ComposeSettings {
  readonly images: LabImages
  /** Absolute path of the lab's state folder. */
  readonly stateDir: string
  /** Bytes; that of the machine's own way out, since a larger packet would be lost there. */
  readonly mtu: number
}

export function containerName(lab: string, host: string): string {
  return `gw-lab-${lab}-${host}`
}

function networkName(lab: string): string {
  return `gw-lab-${lab}`
}

/** The folder with the keys and settings that a host copies when it starts. */
export function hostDir(stateDir: string, host: string): string {
  return join(stateDir, 'hosts', host)
}

function serviceDefinition(lab: Lab, host: LabHost, settings: ComposeSettings): Record<string, unknown> {
  return {
    image: serviceOf(host.role) === null ? settings.images.host : settings.images.backend,
    container_name: containerName(lab.name, host.name),
    hostname: host.name,
    // What systemd, keepalived and traffic control need; more than that (privileged) is refused on some machines.
    cap_add: ['SYS_ADMIN', 'NET_ADMIN'],
    security_opt: ['seccomp=unconfined', 'apparmor=unconfined'],
    // Docker has containers forward packets, as no host does by itself: one for an address that has just gone would wander
    // between the gateways instead of being lost.
    sysctls: { 'net.ipv4.ip_forward': '0' },
    // NGINX's logs have a small disk of their own, as on many real hosts: it can be filled without filling the machine's.
    tmpfs: ['/run:exec,mode=755', '/run/lock', '/tmp:exec,mode=1777', '/var/log/nginx:mode=755,size=32m'],
    // A host that reboots itself comes back; one that is powered off, or that Docker stops, does not.
    restart: 'on-failure',
    volumes: [
      { type: 'bind', source: hostDir(settings.stateDir, host.name), target: '/lab', read_only: true },
    ],
    networks: { lab: { ipv4_address: host.address } },
  }
}

/** Fingerprint of everything that a host's container is made from; it changes when the container must be made again. */
function definitionOf(service: Record<string, unknown>, network: Record<string, unknown>): string {
  return createHash('sha256')
    .update(JSON.stringify([service, network]))
    .digest('hex')
    .slice(0, 16)
}

/** Compose reads `$` as the start of a variable; a doubled one is itself. */
function withoutVariables(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$')
  if (Array.isArray(value)) return value.map(withoutVariables)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutVariables(item)]))
}

/** A compose document and what its containers will be known by. */
export interface ComposeDocument {
  /** JSON, which every YAML reader takes; without a version, for `docker compose` and `docker-compose` 1.27 and later. */
  readonly text: string
  /** The value of the definition label by host name. */
  readonly definitions: ReadonlyMap<string, string>
}

export function composeDocument(lab: Lab, settings: ComposeSettings): ComposeDocument {
  const network = {
    name: networkName(lab.name),
    driver: 'bridge',
    driver_opts: { 'com.docker.network.driver.mtu': String(settings.mtu) },
    ipam: { config: [{ subnet: `${lab.prefix}.0/24`, gateway: `${lab.prefix}.1` }] },
    labels: { [LABEL.lab]: lab.name },
  }
  const definitions = new Map<string, string>()
  const services: Record<string, unknown> = {}
  for (const host of lab.hosts) {
    const service = serviceDefinition(lab, host, settings)
    const definition = definitionOf(service, network)
    definitions.set(host.name, definition)
    const labels = {
      [LABEL.lab]: lab.name,
      [LABEL.host]: host.name,
      [LABEL.definition]: definition,
      [LABEL.state]: settings.stateDir,
    }
    services[host.name] = { ...service, labels }
  }
  const text = `${JSON.stringify(withoutVariables({ services, networks: { lab: network } }), null, 2)}\n`
  return { text, definitions }
}
