import { join } from 'node:path'
import type { Become, Endpoint, HostConnection } from '../model/host.js'
import type { ConnectionSettings, HopSettings, InventoryFile } from './schema.js'
import type { Path } from './tree.js'
import type { WrittenPaths } from './written-paths.js'

type Jump = NonNullable<ConnectionSettings['jump']>

/** Connection settings with absolute paths. What is absent is left to the layers below. */
interface Settings {
  readonly user?: string
  readonly port?: number
  readonly identityFiles?: readonly string[]
  readonly agent?: string | null
  readonly knownHosts?: readonly string[]
  readonly driver?: HostConnection['driver']
  readonly become?: Become
  readonly connectTimeoutMs?: number
  /** The hops as written, with the place of the list, which their own paths are relative to. */
  readonly jump?: { readonly hops: Jump; readonly path: Path }
}

/** Resolves how every host is reached: settings of the file under those of groups under those of the host. */
export class Connections {
  /** Settings of groups with those of the file below them; `` is the file alone. Most hosts share theirs. */
  readonly #shared = new Map<string, Settings>()
  readonly #connections = new Map<Settings, HostConnection>()
  readonly #knownHosts: readonly string[]

  constructor(
    readonly file: InventoryFile,
    readonly paths: WrittenPaths,
    readonly groups: ReadonlyMap<string, readonly string[]>,
  ) {
    this.#knownHosts = [join(paths.user.home, '.ssh', 'known_hosts')]
  }

  /** The host must be one of the file. */
  of(name: string): HostConnection {
    const settings = this.#settingsOf(name)
    const { jump } = settings
    return {
      ...this.#connection(settings),
      address: this.file.hosts[name]?.address ?? name,
      jump: jump === undefined ? [] : this.#hops(name, settings, jump),
    }
  }

  /** What hosts with the same settings have in common. */
  #connection(settings: Settings): HostConnection {
    const known = this.#connections.get(settings)
    if (known !== undefined) return known
    const connection: HostConnection = {
      ...this.#endpoint('', settings),
      driver: settings.driver ?? 'ssh2',
      jump: [],
      become: settings.become ?? { method: 'none' },
      connectTimeoutMs: settings.connectTimeoutMs ?? 10_000,
    }
    this.#connections.set(settings, connection)
    return connection
  }

  #settingsOf(host: string): Settings {
    const groups = (this.groups.get(host) ?? []).filter((group) => this.file.groups[group]?.connection)
    const own = this.file.hosts[host]?.connection
    const shared = this.#settingsOfGroups(groups)
    return own === undefined ? shared : over(shared, this.#settings(own, ['hosts', host, 'connection']))
  }

  #settingsOfGroups(groups: readonly string[]): Settings {
    const key = groups.join(' ')
    const known = this.#shared.get(key)
    if (known !== undefined) return known
    const settings = groups
      .map((group) => this.#settings(this.file.groups[group]?.connection, ['groups', group, 'connection']))
      .reduce(over, this.#settings(this.file.connection, ['connection']))
    this.#shared.set(key, settings)
    return settings
  }

  #endpoint(address: string, settings: Settings): Endpoint {
    const agent = settings.agent === undefined ? this.paths.user.agent : settings.agent
    // With an agent the user's own keys are most likely in it, and reading them again would ask for a passphrase.
    const ownKeys = agent === null ? this.paths.user.identityFiles : []
    return {
      address,
      port: settings.port ?? 22,
      user: settings.user ?? this.paths.user.name,
      identityFiles: settings.identityFiles ?? ownKeys,
      agent,
      knownHosts: settings.knownHosts ?? this.#knownHosts,
    }
  }

  /** The hops before the host itself: a bastion that everyone jumps through is reached without itself. */
  #hops(host: string, settings: Settings, { hops, path }: NonNullable<Settings['jump']>): Endpoint[] {
    const self = hops.indexOf(host)
    return hops.slice(0, self === -1 ? hops.length : self).map((hop, index) => {
      if (typeof hop === 'string')
        return this.#endpoint(this.file.hosts[hop]?.address ?? hop, this.#settingsOf(hop))
      const own = this.#endpointSettings(hop, [...path, String(index)])
      return this.#endpoint(hop.address, { ...settings, port: 22, ...own })
    })
  }

  #settings(written: ConnectionSettings | undefined, path: Path): Settings {
    if (written === undefined) return {}
    return {
      ...this.#endpointSettings(written, path),
      ...(written.driver === undefined ? {} : { driver: written.driver }),
      ...(written.become === undefined ? {} : { become: this.#become(written.become, [...path, 'become']) }),
      ...(written.connect_timeout === undefined ? {} : { connectTimeoutMs: written.connect_timeout }),
      ...(written.jump === undefined ? {} : { jump: { hops: written.jump, path: [...path, 'jump'] } }),
    }
  }

  #endpointSettings(written: ConnectionSettings | HopSettings, path: Path): Settings {
    const { user, port, identity_file: identityFile, agent, known_hosts: knownHosts } = written
    return {
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { port }),
      ...(identityFile === undefined
        ? {}
        : { identityFiles: this.#paths(identityFile, [...path, 'identity_file']) }),
      ...(knownHosts === undefined ? {} : { knownHosts: this.#paths(knownHosts, [...path, 'known_hosts']) }),
      ...(agent === undefined ? {} : { agent: this.#agent(agent, [...path, 'agent']) }),
    }
  }

  #agent(written: boolean | string, path: Path): string | null {
    if (typeof written === 'string') return this.paths.absolute(written, path)
    return written ? this.paths.user.agent : null
  }

  #become(written: NonNullable<ConnectionSettings['become']>, path: Path): Become {
    if (written === 'none') return { method: 'none' }
    const text = written === 'sudo' ? undefined : written.password
    const password = text === undefined ? null : this.paths.secret(text, [...path, 'password'])
    return { method: 'sudo', password }
  }

  #paths(written: string | readonly string[], path: Path): string[] {
    if (typeof written === 'string') return [this.paths.absolute(written, path)]
    return written.map((each, index) => this.paths.absolute(each, [...path, String(index)]))
  }
}

/** `above` over `below`; a password for sudo stays when `above` says only that it is sudo. */
function over(below: Settings, above: Settings): Settings {
  const kept =
    below.become?.method === 'sudo' && above.become?.method === 'sudo' ? below.become.password : null
  const merged = { ...below, ...above }
  if (kept === null || merged.become?.method !== 'sudo' || merged.become.password !== null) return merged
  return { ...merged, become: { method: 'sudo', password: kept } }
}
