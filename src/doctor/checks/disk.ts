import type { DiskRoom } from '../../facts/disk-room.js'
import { error, judged, note, unjudged, warning } from '../../health/judgement.js'
import type { Finding, Judgement } from '../../model/health.js'
import { cleanLine } from '../../shell/clean.js'

const MEGABYTE = 1024 * 1024

/** What gw and the gateway write to, and how many bytes they need free there at least. */
const NEEDS: Readonly<Record<string, number>> = {
  '/': 50 * MEGABYTE,
  '/etc': 50 * MEGABYTE,
  '/run': MEGABYTE,
  '/tmp': 10 * MEGABYTE,
  '/var/backups': 50 * MEGABYTE,
  '/var/cache': 50 * MEGABYTE,
  '/var/lib': 50 * MEGABYTE,
  '/var/lib/gw': 50 * MEGABYTE,
  '/var/log': 50 * MEGABYTE,
}
export const FOLDERS = Object.keys(NEEDS)

/** Below so many times what is needed there is not much left. */
const SCARCE = 5
const LEAST_INODES = 1000

/** A file system, with those of the folders that lie on it. */
interface FileSystem extends DiskRoom {
  readonly folders: readonly string[]
  readonly needed: number
}

/** Whether there is room, and may be written, wherever gw and the gateway write. */
export function judgeDisk(host: string, rooms: Readonly<Record<string, DiskRoom>>): Judgement {
  const systems = fileSystems(rooms)
  if (systems.length === 0) return unjudged('df did not answer')
  return judged(systems.flatMap((system) => judgeFileSystem(host, system)))
}

/** Several folders mostly lie on one file system, which is one matter. */
function fileSystems(rooms: Readonly<Record<string, DiskRoom>>): FileSystem[] {
  const groups = new Map<string, FileSystem>()
  for (const [folder, room] of Object.entries(rooms)) {
    const group = groups.get(`${room.mount} ${room.writable}`)
    groups.set(`${room.mount} ${room.writable}`, {
      ...room,
      folders: [...(group?.folders ?? []), folder],
      needed: Math.max(group?.needed ?? 0, NEEDS[folder] ?? 0),
    })
  }
  return [...groups.values()]
}

function judgeFileSystem(host: string, { folders, mount, writable, ...room }: FileSystem): Finding[] {
  const what = listed(folders)
  const path = cleanLine(mount)
  if (!writable) {
    return [
      error(
        `${what} cannot be written to: the file system ${path} may be mounted read-only`,
        `gw exec ENV ${host} -- 'findmnt ${path}; dmesg | tail'`,
      ),
    ]
  }
  const { freeBytes, freeInodes, needed } = room
  if (freeBytes === null) return [note(`df does not say how much is free in ${what}`)]
  const free = Math.floor(freeBytes / MEGABYTE)
  const fullest = `gw exec ENV ${host} -- 'du -xk ${path} | sort -n | tail'`
  if (freeBytes < needed)
    return [error(`${free} MB are free in ${what}, and ${needed / MEGABYTE} MB are needed`, fullest)]
  if (freeInodes !== null && freeInodes < LEAST_INODES)
    return [error(`${freeInodes} inodes are free in ${what}, and ${LEAST_INODES} are needed`, fullest)]
  return freeBytes < SCARCE * needed ? [warning(`only ${free} MB are free in ${what}`, fullest)] : []
}

function listed(folders: readonly string[]): string {
  return folders.length < 3
    ? folders.join(' and ')
    : `${folders[0] ?? ''} (with ${folders.slice(1).join(', ')})`
}
