/** What was found of a thing: well, not well, or not to be told. */
export type Verdict = 'pass' | 'fail' | 'inconclusive'

/** The phases in which a gateway is judged, in their order. */
export const PHASES = ['process', 'configuration', 'ports', 'http', 'upstreams', 'certificate'] as const
export type PhaseName = (typeof PHASES)[number]

/** What is judged of all gateways together, in its order. */
export const FLEET_CHECKS = ['holder', 'vrrp', 'standby', 'releases', 'clocks', 'leftovers'] as const
export type FleetCheckName = (typeof FLEET_CHECKS)[number]

/**
 * Something that whoever operates the gateway should know. `error` fails the check, `warning` needs care soon, `note` says
 * why there is no verdict. Both texts are clean of what a host could have put into them.
 */
export interface Finding {
  readonly severity: 'error' | 'warning' | 'note'
  /** What is the matter, and what caused it; one sentence without its full stop, and without the host's name where one host is judged. */
  readonly message: string
  /** The command or step that helps; `ENV` stands for the environment as it was typed. Empty when there is none. */
  readonly help: string
}

/** The outcome of one phase or check. */
export interface Judgement {
  readonly verdict: Verdict
  /** The gravest first. */
  readonly findings: readonly Finding[]
}

/** A certificate that a gateway serves. */
export interface ServedCertificate {
  readonly algorithm: 'rsa' | 'ecdsa'
  /** SHA-256 of the certificate itself, in small hexadecimal digits. */
  readonly fingerprint: string
  /** UTC, ISO 8601. */
  readonly notAfter: string
}

/** One gateway as it was judged. */
export interface HostHealth {
  readonly host: string
  /** Those that were asked for. */
  readonly phases: Readonly<Partial<Record<PhaseName, Judgement>>>
  /** The release that answers; null when none does. */
  readonly release: string | null
  readonly holdsAddress: boolean
  readonly certificates: readonly ServedCertificate[]
  /** Its clock minus this machine's, in seconds. */
  readonly clockOffset: number
}

/** All gateways of an environment as they were judged. */
export interface HealthReport {
  /** Those that answered, in the order of the inventory. */
  readonly hosts: readonly HostHealth[]
  /** Those that did not. */
  readonly unreachable: readonly string[]
  /** null when only some of the gateways were asked: another one may have the virtual IP, too. */
  readonly fleet: {
    /** The host that has the virtual IP; null unless exactly one has. */
    readonly holder: string | null
    /** Empty when only some of the phases were asked for. */
    readonly checks: Readonly<Partial<Record<FleetCheckName, Judgement>>>
  } | null
  /**
   * Fail when any check fails, or when one is open on a host that fails in a phase that was not asked for; else inconclusive
   * when one is, or a host did not answer.
   */
  readonly verdict: Verdict
}
