import { BACKUP_DAYS } from '../../model/backup.js'
import { AUDIT_FILE, BACKUPS_FOLDER, STATE } from '../../model/state-paths.js'

/** Where the backup script lives; mode 0755. */
export const BACKUP_SCRIPT = '/usr/local/lib/gw/backup'

/** Exit status of the backup script on a host that has no release yet. */
export const NOTHING_TO_BACK_UP = 3

/** Absolute paths, each a word of shell as it stands. */
interface BackupPlaces {
  /** The folder of gw's state. */
  readonly state: string
  readonly backups: string
  readonly audit: string
  /** Below which the folders of SOURCES lie. */
  readonly root: string
}

/** What is copied besides the release, as it stands: links as links, relative to the root. */
const SOURCES = [
  'etc/nginx',
  'etc/keepalived',
  'etc/systemd/system/nginx.service.d',
  'etc/systemd/system/keepalived.service.d',
]

/** A backup's name as the shell matches it. */
const NAME = `${'[0-9]'.repeat(8)}T${'[0-9]'.repeat(6)}Z`

/**
 * The script by which a host makes a backup of itself, `backup [NAME]`, in POSIX shell. However it ends, by SIGKILL too,
 * a folder with a backup's name is a whole backup.
 */
export function backupScript(
  places: BackupPlaces = { state: STATE.root, backups: BACKUPS_FOLDER, audit: AUDIT_FILE, root: '/' },
): string {
  return `#!/bin/sh
# Written by gw: changes made here are overwritten by the next deploy.
#
# Makes a backup of this gateway: backup [NAME]. NAME is a UTC time such as 20261121T020000Z; without one it is the minute
# that has begun, so that the nightly backups of all gateways have the same name.
# A backup is built beside its place and renamed: a folder with a backup's name is always a whole one.
set -eu
export LC_ALL=C
umask 077

state=${places.state}
backups=${places.backups}
audit=${places.audit}

${FUNCTIONS}

name=\${1-$(date -u +%Y%m%dT%H%M00Z)}
is_name "$name" || fail "\\"$name\\" is no name of a backup: it is a UTC time such as 20261121T020000Z" 2
release=none
partial=
result=failed
trap ended EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p -- "$backups"
exec 9<"$backups"
flock -w 60 9 || fail 'another backup is being made on this host' 75
remove_leftovers
if is_folder "$backups/$name"; then
  result=found
  echo "backup $name is there already"
  exit 0
fi

partial=$backups/.$name.partial
mkdir -- "$partial"
copy ${places.root} ${SOURCES.join(' ')}
seal
mv -T -- "$partial" "$backups/$name"
sync -- "$backups"
partial=
result=made
prune
echo "backup $name of $release is made"
`
}

const FUNCTIONS = `fail() {
  echo "$1" >&2
  exit "\${2-1}"
}

is_name() {
  case $1 in
    ${NAME}) return 0 ;;
    *) return 1 ;;
  esac
}

# Links are none, whatever they lead to.
is_folder() { [ -d "$1" ] && [ ! -L "$1" ]; }

# One write, so that two at once do not mix. On a full disk there may be no line; the exit status tells all the same.
record() {
  (
    umask 027
    mkdir -p -- "\${audit%/*}" && printf '{"time":"%s","host":"%s","event":"backup","name":"%s","release":"%s","result":"%s"}\\n' \\
      "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)" "$(uname -n | tr -c 'A-Za-z0-9_.:\\n-' '?')" "$name" "$release" "$result" >>"$audit"
  ) || :
}

ended() {
  status=$?
  trap - EXIT
  [ -z "$partial" ] || rm -rf -- "$partial"
  record
  exit "$status"
}

# The release that is confirmed: one on trial may be gone in a moment.
find_release() {
  target=$(readlink -- "$state/current") ||
    fail 'no release is published on this host, so there is nothing to back up' ${NOTHING_TO_BACK_UP}
  if [ -d "$state/trial" ] && [ ! -e "$state/trial/confirmed" ]; then
    target=$state/releases/$(cat -- "$state/trial/before")
  fi
  found=\${target##*/}
  case $found in
    '' | .* | *[!A-Za-z0-9._-]*) fail "the release of this host, $target, has a name that gw does not give" ;;
  esac
  [ "$target" = "$state/releases/$found" ] || fail "$target is not where gw keeps releases, so it is not backed up"
  release=$found
}

# Not while gw changes the host (which has no such file before its first change): what is copied belongs together.
copy() {
  if [ -e "$state/work" ]; then
    exec 8<"$state/work"
    flock -w 60 8 || fail 'something else has been changing this host for a minute; no backup was made' 75
  fi
  find_release
  cp -aT -- "$state/releases/$release" "$partial/release"
  cd "$1"
  shift
  for source in "$@"; do
    if [ ! -e "$source" ]; then continue; fi
    cp -a --parents -- "$source" "$partial"
  done
  exec 8<&-
}

# The sums of all files, then everything onto the disk.
seal() {
  cd "$partial"
  printf '{"schemaVersion":1,"time":"%s","host":"%s","release":"%s"}\\n' \\
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(uname -n | tr -c 'A-Za-z0-9_.:\\n-' '?')" "$release" >backup.json
  find . -type f ! -path ./SHA256SUMS -exec sha256sum -- {} + >SHA256SUMS
  find . '(' -type f -o -type d ')' -exec sync -- {} +
  cd /
}

# Takes a folder's name from it before it takes its files: what is half removed is no backup any more.
remove() {
  mv -T -- "$backups/$1" "$backups/.$1.partial"
  rm -rf --one-file-system -- "$backups/.$1.partial"
}

# What a backup that was killed left behind. A link goes itself, and not what it leads to.
remove_leftovers() { rm -rf --one-file-system -- "$backups"/.${NAME}.partial; }

# Older than ${BACKUP_DAYS} days by their names, and only folders of this one: whatever else lies here is not this script's.
prune() {
  oldest=$(date -u -d '${BACKUP_DAYS} days ago' +%Y%m%d%H%M%S)
  newest=
  for each in "$backups"/${NAME}; do
    if is_folder "$each"; then newest=\${each##*/}; fi
  done
  for each in "$backups"/${NAME}; do
    each=\${each##*/}
    day=\${each%T*}
    time=\${each#*T}
    if is_folder "$backups/$each" && [ "$each" != "$name" ] && [ "$each" != "$newest" ] &&
      [ "$day\${time%Z}" -lt "$oldest" ]; then
      remove "$each"
    fi
  done
}`
