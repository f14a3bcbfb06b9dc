import type { FirstFailures } from './load-target.js'
import type { RequestBins } from './request-bins.js'
import type { ScenarioName } from './scenarios/names.js'
import type { Expectation } from './scenarios/scenario.js'
import type { Clients } from './summary.js'

/**
 * `pass`: all went as expected, and all is steady again. `deviated`: something did not. `aborted`: it was undone before its time.
 * `inconclusive`: what was to be measured could not be.
 */
export const DRILL_VERDICTS = ['pass', 'deviated', 'aborted', 'inconclusive'] as const

export type DrillVerdict = (typeof DRILL_VERDICTS)[number]

/** A drill from its first scenario to its last; what is kept of it. */
export interface DrillReport {
  readonly schemaVersion: 1
  /** Eight hexadecimal digits. */
  readonly run: string
  readonly environment: string
  /** Who, from where: `alice@laptop`. */
  readonly by: string
  /** What was typed. */
  readonly command: string
  /** gw's version. */
  readonly gw: string
  /** UTC, ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  /** The virtual IP. */
  readonly address: string
  readonly settings: DrillSettings
  /** Those that were begun, in their order. */
  readonly scenarios: readonly ScenarioReport[]
  /** Those that were not, since one before ended so that nothing more was to be tried. */
  readonly skipped: readonly ScenarioName[]
  readonly verdict: DrillVerdict
}

export interface DrillSettings {
  /** The longest time without an answer that new connections may see, in milliseconds. */
  readonly maxOutageMs: number
  /** New connections a second, TCP and TLS each; half as many requests over open ones of each kind. */
  readonly rate: number
  /** The host of the fleet through which the gateway was asked; null for this machine itself. */
  readonly from: string | null
  /** For how long a fault lasts when nothing ends it, in milliseconds. */
  readonly holdMs: number
  /** After how long a host undoes it alone, in milliseconds. */
  readonly undoAfterMs: number
  /** Whether the virtual IP is brought back after each scenario. */
  readonly failback: boolean
}

/** A scenario that was begun. All times are in milliseconds since `startedAt`, by this machine's clock. */
export interface ScenarioReport {
  readonly name: ScenarioName
  readonly expects: Expectation
  readonly verdict: DrillVerdict
  /** Why it is no pass; a sentence each, without its full stop. */
  readonly reasons: readonly string[]
  /** The gateways that were disturbed. */
  readonly hosts: readonly string[]
  /** Who had the virtual IP before, and once all was steady again; null for nobody, several, or not known. */
  readonly holderBefore: string | null
  readonly holderAfter: string | null
  readonly startedAt: string
  readonly durationMs: number
  /** When the fault was made; null when it did not come to that. */
  readonly disturbedAt: number | null
  readonly undoneAt: number | null
  /** Who undid it: gw, the host alone, or its boot; null where nothing was to be undone, or it is not undone. */
  readonly undoneBy: 'gw' | 'host' | 'boot' | null
  /** The longest time without an answer that clients with new connections saw; null where nothing was measured. */
  readonly outageMs: number | null
  /** Clients of the kinds by which the gateway was reached. */
  readonly clients: readonly Clients[]
  readonly unmeasured: FirstFailures
  /** The longest time by which this machine was late itself. */
  readonly latenessMs: number
  /** Requests by when they were due, to be drawn. */
  readonly requests: readonly RequestBins[]
  /** Who had the virtual IP when, as the hosts saw it. */
  readonly holders: readonly Holding[]
  /** Everything else that happened, in its order. */
  readonly events: readonly DrillEvent[]
  readonly clocks: readonly ClockOffset[]
}

/** A time in which a host had the virtual IP; `to` is null while it has it. */
export interface Holding {
  readonly host: string
  readonly from: number
  readonly to: number | null
}

/** Something that happened. Texts are clean of what a host could have put into them. */
export interface DrillEvent {
  readonly at: number
  /** Null for this machine. */
  readonly host: string | null
  /**
   * `step`: something that gw did or found. `address`: the virtual IP came to the host or went. `vrrp`: its keepalived changed
   * its state. `arp`: the host heard a gratuitous ARP for the virtual IP (one entry for each burst).
   */
  readonly kind: 'step' | 'address' | 'vrrp' | 'arp'
  readonly text: string
}

/** By how much a host's clock is ahead of this machine's, in milliseconds, and how far off that may be. */
export interface ClockOffset {
  readonly host: string
  readonly offsetMs: number
  readonly errorMs: number
}
