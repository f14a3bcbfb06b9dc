import type { Gateway } from '../../model/gateway.js'
import type { PhaseName } from '../../model/health.js'
import type { Host } from '../../model/host.js'
import type { Script } from '../../shell/script.js'
import type { ScenarioName } from './names.js'

/** What is to become of the virtual IP: another gateway takes it, it stays where it is, or two have it until the undo. */
export type Expectation = 'moves' | 'stays' | 'splits'

/** A fault that is made on purpose. */
export interface Scenario {
  readonly name: ScenarioName
  /** What is done, in one sentence without its full stop. */
  readonly summary: string
  /** What it may cost, in one sentence without its full stop. */
  readonly risk: string
  readonly expects: Expectation
  /** Which gateways are disturbed: the one that has the virtual IP, or all. */
  readonly on: 'holder' | 'gateways'
  /** What it makes fail besides, on gateways that are not disturbed themselves as well; it is no reason to abort. */
  readonly disturbs: readonly PhaseName[]
  /** Whether the host goes down, and what was disturbed ends when it is back. */
  readonly reboots: boolean
  disturbanceOn(place: Place): Disturbance
}

/** Where a fault is made. */
export interface Place {
  readonly gateway: Gateway
  readonly host: Host
  /** The other gateways. */
  readonly peers: readonly Host[]
}

/** A fault on one host: programs of their own in POSIX shell, which run as root under `set -eu` and may end by `exit`. */
export interface Disturbance {
  /** Changes nothing; fails, having said why, where the fault cannot be made or not be undone. */
  readonly ready: Script
  /** Makes the fault, and ends at once. */
  readonly disturb: Script
  /**
   * Undoes it: by gw, by the host alone, or at boot before NGINX and keepalived. May be run any number of times, also when the
   * fault was made by half or not at all, and needs nothing of gw's. Fails when it has to be tried again. In `$by` it finds
   * who undoes: gw, host, boot or takeover.
   */
  readonly undo: Script
}
