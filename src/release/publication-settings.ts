import type { Gateway } from '../model/gateway.js'
import type { ReleaseStore } from '../model/release-store.js'

/** What all plays of a run that publishes a release have in common. */
export interface PublicationSettings {
  readonly gateway: Gateway
  /** Eight hexadecimal digits. */
  readonly run: string
  readonly leaseMs: number
  /** Publish even where no other gateway could carry the virtual IP. */
  readonly unprotected: boolean
}

/** What a play publishes, and what may go when it is confirmed. */
export interface Publication extends PublicationSettings {
  /** The release that a host gets, by its name; null for a host that is left alone. */
  readonly releaseOf: (host: string) => string | null
  /** As the hosts were seen when the run began. */
  readonly stores: Readonly<Record<string, ReleaseStore>>
  /** The files of a host's current release that programs read, by paths relative to it. */
  readonly filesOf: (host: string) => readonly string[]
}
