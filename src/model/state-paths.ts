/** Where gw keeps its state on a host; every path absolute. */
export interface StatePaths {
  readonly root: string
  /** A folder for each release. */
  readonly releases: string
  /** Contents of files, each under its sha256. */
  readonly objects: string
  /** Link to the published release. */
  readonly current: string
  /** Link to the release that was current before the last confirmed publish. */
  readonly previous: string
  /** A file for each release that was confirmed here. */
  readonly confirmed: string
  /** Folder: who may change the host. */
  readonly lock: string
  /** The last fencing token that was given out. */
  readonly token: string
  /** Flocked while the lock is read and written. */
  readonly guard: string
  /** Flocked by whatever changes the host, for as long as it lives. */
  readonly work: string
  /** Folder: a publish that is not confirmed yet. */
  readonly trial: string
  /** What was undone last. */
  readonly reverted: string
  /** Folder: a drill's fault that is not undone. */
  readonly drill: string
  /** Flocked while a drill's fault is armed, made or undone; says which one gw has undone last. */
  readonly drillGuard: string
  /** The drill's fault that was undone last. */
  readonly drilled: string
}

export function statePaths(root: string): StatePaths {
  return {
    root,
    releases: `${root}/releases`,
    objects: `${root}/objects`,
    current: `${root}/current`,
    previous: `${root}/previous`,
    confirmed: `${root}/confirmed`,
    lock: `${root}/lock`,
    token: `${root}/token`,
    guard: `${root}/guard`,
    work: `${root}/work`,
    trial: `${root}/trial`,
    reverted: `${root}/reverted`,
    drill: `${root}/drill`,
    drillGuard: `${root}/drill-guard`,
    drilled: `${root}/drilled`,
  }
}

/** The state of every real host. */
export const STATE = statePaths('/var/lib/gw')

/** Where a host writes down what happened to it, a JSON object a line. */
export const AUDIT_FILE = '/var/log/gw/audit.jsonl'

/** Where a host keeps its backups, a folder each, and what gw replaced without having made it. */
export const BACKUPS_FOLDER = '/var/backups/gw'
