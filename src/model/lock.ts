/** Who holds the lock of a host, and for what; what `holder.json` says. */
export interface Holder {
  /** Whether a run has it, or a person by `gw lock acquire`: no run stands behind that, and nobody renews it. */
  readonly kind: 'run' | 'hand'
  /** Id of the run, eight hexadecimal digits. */
  readonly run: string
  /** Who, from where: `alice@laptop`. */
  readonly by: string
  /** What was typed, without secrets: `gw deploy production`. */
  readonly command: string
  /** Why, in the words of whoever took it; empty when nothing was said. */
  readonly reason: string
  /** UTC, ISO 8601, by the clock of whoever took it. */
  readonly since: string
  /** The release that the run publishes; null for a run that publishes none. */
  readonly release: string | null
  /** The release that this host had when the run began; null for none. */
  readonly before: string | null
  /** The hosts of the run, by name. */
  readonly hosts: readonly string[]
}

/** What a changing program must hold up to the host before it may change anything. */
export interface Fence {
  readonly run: string
  readonly token: number
}

/** A host's lock as it was seen. `leftSeconds` is how long the lease still runs, 0 or less when it is over. */
export interface LockState {
  readonly holder: Holder
  readonly token: number
  readonly leftSeconds: number
}

/** The unit by which a host takes back what a run published and did not confirm; its timer has the same name. */
export function watchdogUnit(run: string): string {
  return `gw-watchdog-${run}`
}

/** How long a lease still runs, as people say it: `1 h 59 min`, `12 min`, `20 s`. */
export function leftText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
