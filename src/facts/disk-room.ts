import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface FolderQuestion {
  /** Absolute, without blanks. */
  readonly folder: string
}

/** The file system that a folder lies on; what it does not count is null. */
export interface DiskRoom {
  readonly mount: string
  readonly writable: boolean
  readonly freeBytes: number | null
  readonly freeInodes: number | null
}

/** Room and writability of folders; null for one that is not there. Writes nothing. */
export const diskRoom: Fact<FolderQuestion, DiskRoom | null> = {
  name: 'disk-room',
  script: (args) => sh`
    for f in ${args.map(({ folder }) => folder)}; do
      [ -d "$f" ] || continue
      w=no
      [ ! -w "$f" ] || w=yes
      printf 'folder %s %s %s\n' "$f" "$w" "$(df --block-size=1 --output=avail,itotal,iavail,target -- "$f" | tail -n 1)"
    done`,
  parse(output, args) {
    const rooms = new Map(
      output.split('\n').flatMap((line) => {
        const [, folder = '', writable, room = ''] = /^folder (\S+) (yes|no) *(.*)$/.exec(line) ?? []
        return folder === '' ? [] : [[folder, roomIn(folder, writable === 'yes', room)]]
      }),
    )
    return args.map(({ folder }) => rooms.get(folder) ?? null)
  },
}

function roomIn(folder: string, writable: boolean, room: string): DiskRoom {
  const [, bytes, inodes = '-', freeInodes, mount] = /^(\d+|-) +(\d+|-) +(\d+|-) +(.+)$/.exec(room) ?? []
  const counted = (text = '-'): number | null => (text === '-' ? null : Number(text))
  return {
    mount: mount ?? folder,
    writable,
    freeBytes: counted(bytes),
    freeInodes: inodes === '0' ? null : counted(freeInodes),
  }
}
