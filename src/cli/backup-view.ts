import type { StoredBackup } from '../model/backup.js'
import { backupTime } from '../model/backup.js'
import { tableText } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'
import { counted } from '../ui/text.js'

/** A backup of a fleet: what hosts have under one name. `createdAt` in UTC, ISO 8601; `size` in bytes. */
export interface FleetBackup {
  readonly name: string
  readonly createdAt: string
  readonly hosts: Readonly<Record<string, Pick<StoredBackup, 'release' | 'size'>>>
  /** Hosts that were asked and do not have it. */
  readonly missing: readonly string[]
}

/** The backups of all hosts by their names, the newest first. @param found what each host has, by its name */
export function fleetBackups(found: ReadonlyMap<string, readonly StoredBackup[]>): FleetBackup[] {
  const names = new Set([...found.values()].flat().map(({ name }) => name))
  return [...names]
    .sort()
    .reverse()
    .map((name) => backupOf(name, found))
}

function backupOf(name: string, found: ReadonlyMap<string, readonly StoredBackup[]>): FleetBackup {
  const hosts: Record<string, Pick<StoredBackup, 'release' | 'size'>> = {}
  for (const [host, stored] of found) {
    const own = stored.find((backup) => backup.name === name)
    if (own !== undefined) hosts[host] = { release: own.release, size: own.size }
  }
  const missing = [...found.keys()].filter((host) => hosts[host] === undefined)
  return { name, createdAt: backupTime(name), hosts, missing }
}

/** Backups as a table. @param now in milliseconds since 1970 */
export function backupsText(
  backups: readonly FleetBackup[],
  now: number,
  paint: Terminal['paintOut'],
): string {
  const rows = backups.map(({ name, createdAt, hosts, missing }) => {
    const stored = Object.values(hosts)
    const releases = new Set(stored.map(({ release }) => release ?? 'unknown'))
    return [
      name,
      [...releases].join(', '),
      Object.keys(hosts).join(', '),
      sizeText(Math.max(...stored.map(({ size }) => size))),
      ageText(now - Date.parse(createdAt)),
      missing.length === 0 ? '' : { text: `not on ${missing.join(', ')}`, style: 'yellow' as const },
    ]
  })
  return tableText(['BACKUP', 'RELEASE', 'HOSTS', 'SIZE', 'AGE'], rows, paint)
}

/** Bytes in words, of the unit that leaves at most four digits: "312 KiB". */
function sizeText(bytes: number): string {
  const kib = Math.ceil(bytes / 1024)
  return kib < 10_000 ? `${kib} KiB` : `${Math.ceil(kib / 1024)} MiB`
}

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]

/** A name may lie ahead of this machine's clock. */
function ageText(ms: number): string {
  if (Number.isNaN(ms)) return 'unknown'
  if (ms < MINUTE) return 'just now'
  if (ms < HOUR) return counted(Math.floor(ms / MINUTE), 'minute')
  return ms < 2 * DAY ? counted(Math.floor(ms / HOUR), 'hour') : counted(Math.floor(ms / DAY), 'day')
}
