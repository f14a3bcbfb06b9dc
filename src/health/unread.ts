import { STATE } from '../model/state-paths.js'
import { driftOf } from '../release/drift.js'
import { LINKS } from '../release/links.js'
import type { HostObservation } from './observation.js'
import { readSecondsAgo } from './standing.js'

/** A file that was changed after NGINX had read its files; times in seconds. */
export interface UnreadFile {
  /** As it lies on the host. */
  readonly path: string
  /** As the manifest has it. */
  readonly inRelease: string
  readonly changedAgo: number
  readonly readAgo: number
}

/** Clocks tick, and a publish changes its link some moments before the reload: less is no difference. */
const TICK_SECONDS = 1

/** The file that was changed last, where NGINX has not read it since; null when it has, or nobody can tell. */
export function unreadFile(seen: HostObservation): UnreadFile | null {
  const { newest } = seen.configuration
  const readAgo = readAgoByClock(seen)
  if (newest === null || readAgo === null || newest.ageSeconds >= readAgo - TICK_SECONDS) return null
  // Other rights change a file's time, too; NGINX has its content.
  const isSame = driftOf(seen.store).some(
    ({ path, kind }) => kind === 'ownership' && newest.path === `${STATE.current}/${path}`,
  )
  if (isSame) return null
  return {
    path: newest.path,
    inRelease: pathInRelease(newest.path),
    changedAgo: newest.ageSeconds,
    readAgo,
  }
}

/**
 * How long ago NGINX read its files by the clock that gives files their times, in seconds; null when nobody knows. How long
 * its workers have run the kernel counts by another one, which is never set: a clock that was put back since makes files
 * younger than they are. When NGINX was started or reloaded last systemd has noted by the same clock as that of files.
 */
function readAgoByClock(seen: HostObservation): number | null {
  const read = readSecondsAgo(seen.processes)
  return read === null ? null : Math.min(read, notedSecondsAgo(seen) ?? read)
}

/** How long ago nginx.service was started or reloaded, in seconds; null when nobody knows. */
export function notedSecondsAgo({
  units: { nginx },
  fitness,
}: Pick<HostObservation, 'units' | 'fitness'>): number | null {
  return nginx?.changedAt == null ? null : Math.max(0, fitness.now - nginx.changedAt)
}

/** A file as the manifest has it, by whatever way a program comes to it. */
function pathInRelease(path: string): string {
  const link = Object.values(LINKS).find((each) => path === each.path || path.startsWith(`${each.path}/`))
  if (link !== undefined) return `${link.file}${path.slice(link.path.length)}`
  return path.startsWith(`${STATE.current}/`) ? path.slice(STATE.current.length + 1) : path
}
