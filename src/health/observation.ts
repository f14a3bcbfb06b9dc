import type { ConfigurationCheck } from '../facts/configuration-check.js'
import type { DrillState } from '../facts/drill-state.js'
import type { GatewayFitness } from '../facts/gateway-fitness.js'
import type { Listener } from '../facts/listeners.js'
import type { LiveText } from '../facts/live-texts.js'
import type { NginxProcesses } from '../facts/nginx-processes.js'
import type { UnitState } from '../facts/unit.js'
import type { VrrpState } from '../facts/vrrp-state.js'
import type { LockState } from '../model/lock.js'
import type { ReleaseStore } from '../model/release-store.js'
import type { Probe, ServerAnswer, TlsAnswer, WebAnswer } from '../probe/probe.js'
import type { SeenLink } from '../release/drift.js'

/** The virtual IP as somebody sees it who does not have it. */
export type AddressProbe = Probe<WebAnswer & TlsAnswer>

/** One server of a pool as a gateway sees it; `server` is `ADDRESS:PORT`. */
export interface UpstreamProbe {
  readonly pool: string
  readonly server: string
  readonly probe: Probe<ServerAnswer>
}

/** What was asked of one gateway and tried by way of it, all within a second or so. */
export interface HostObservation {
  readonly host: string

  // What the host said.

  /** null where systemd does not run. */
  readonly units: {
    readonly nginx: UnitState | null
    readonly keepalived: UnitState | null
    readonly liveness: UnitState | null
  }
  readonly processes: NginxProcesses
  readonly configuration: ConfigurationCheck
  /** Sockets that listen on the ports of a gateway. */
  readonly listeners: readonly Listener[]
  /** null when keepalived does not run or does not answer. */
  readonly vrrp: VrrpState | null
  readonly store: ReleaseStore
  /** What stands where programs look for the files of the release. */
  readonly links: readonly SeenLink[]
  readonly lock: LockState | null
  /** What drills have left. */
  readonly drill: DrillState
  readonly fitness: GatewayFitness
  readonly holdsAddress: boolean
  /** The name by which the host knows itself, and so the `node` of its /health. */
  readonly nodeName: string
  /** The files of pools and the certificates (never keys) of the release that is published, as they stand there now. */
  readonly texts: readonly LiveText[]
  /** Its clock minus this machine's, in seconds. */
  readonly clockOffset: number

  // What was tried through it.

  /** GET /health on its own address, over TLS 1.3 by the name of the domain. */
  readonly own: Probe<WebAnswer & TlsAnswer>
  /** TLS 1.2 handshakes on its own address, one for each kind of certificate that the release has. */
  readonly handshakes: readonly { readonly algorithm: 'rsa' | 'ecdsa'; readonly probe: Probe<TlsAnswer> }[]
  /** GET /health through the virtual IP. */
  readonly address: AddressProbe
  readonly upstreams: readonly UpstreamProbe[]
}

/** What was seen of all gateways of an environment. */
export interface FleetObservation {
  /** Those that answered, in the order of the inventory. */
  readonly hosts: readonly HostObservation[]
  /** Those that did not. */
  readonly unreachable: readonly string[]
  /** GET /health through the virtual IP from this machine, past all SSH. */
  readonly address: AddressProbe
  /** When it was, by this machine's clock: certificates are judged by it. */
  readonly now: Date
}
