import { posix } from 'node:path'
import { type Script, sh } from '../../shell/script.js'
import type { Scenario } from './scenario.js'

const FILLER = '.gw-drill-full'
const GIBIBYTE = 2 ** 30
/** More than this is not filled in the time that a fault may take. */
const MOST = 50 * GIBIBYTE
/** What may stay free: file systems keep a little for themselves. */
const REST = 2 ** 20

export const diskFull: Scenario = {
  name: 'disk-full',
  summary: "The disk of NGINX's logs is full to the last block on the gateway that has the virtual IP",
  risk: 'Whatever else writes to that disk fails until the undo, and lines of the log are lost',
  expects: 'stays',
  on: 'holder',
  disturbs: [],
  reboots: false,
  disturbanceOn: ({ gateway: { logging } }) => {
    const folder = posix.dirname(logging.accessLog ?? logging.errorLog)
    const file = posix.join(folder, FILLER)
    return { ready: fillable(folder), disturb: fill(folder, file), undo: sh`rm -f -- ${file}` }
  },
}

/** Sets `free`, in blocks (also those that are kept for root), and `block`, their size in bytes. */
function look(folder: string): Script {
  return sh`
    look() {
      shown=$(stat --file-system --format '%f %S' -- ${folder})
      free=\${shown% *} block=\${shown#* }
    }`
}

function fillable(folder: string): Script {
  return sh`
    ${look(folder)}
    refuse() {
      printf '%s %s\n' ${folder} "$1" >&2
      exit 1
    }
    [ -d ${folder} ] || refuse 'is not there'
    command -v fallocate >/dev/null || refuse 'cannot be filled: fallocate is not installed'
    look
    type=$(stat --file-system --format %T -- ${folder})
    case $type in
      overlayfs | aufs) refuse "lies on $type: the disk is that of another machine" ;;
      nfs* | smb* | cifs | ceph | fuse* | v9fs | afs | gfs* | lustre | zfs) refuse "lies on $type, which is not filled" ;;
      tmpfs | ramfs)
        available=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo)
        [ $((free * block)) -lt $((available * 512)) ] || refuse 'lies in memory, and to fill it would leave less than half of what is free'
        ;;
    esac
    [ $((free * block)) -le ${MOST} ] || refuse ${`has more than ${MOST / GIBIBYTE} GiB free`}`
}

/** What is left is asked for as a whole, and by halves where that is too much. */
function fill(folder: string, file: string): Script {
  return sh`
    ${look(folder)}
    : >${file}
    look
    offset=0 step=$free
    while [ "$step" -gt 0 ]; do
      if fallocate --offset $((offset * block)) --length $((step * block)) ${file} 2>/dev/null; then
        offset=$((offset + step))
        look
        [ "$step" -le "$free" ] || step=$free
      else
        step=$((step / 2))
      fi
    done
    look
    if [ $((free * block)) -gt ${REST} ]; then
      echo "$((free * block)) bytes could not be filled" >&2
      exit 1
    fi`
}
