import { type Script, lines, sh } from '../shell/script.js'
import { atExit } from './at-exit.js'

interface Installation {
  readonly name: string
  readonly version?: string
  readonly hold?: boolean
  /** Seconds that a script waits for the locks of apt and dpkg, all in all; default 60. */
  readonly lockWaitSeconds?: number
}

const LOCKS = [
  '/var/lib/dpkg/lock-frontend',
  '/var/lib/dpkg/lock',
  '/var/lib/apt/lists/lock',
  '/var/cache/apt/archives/lock',
]

const LOCK_WAIT_SECONDS = 60

const OPTIONS = [
  '--yes',
  '--quiet',
  '--no-install-recommends',
  '--no-remove',
  '--option=Dpkg::Use-Pty=0',
  '--option=Dpkg::Options::=--force-confdef',
  '--option=Dpkg::Options::=--force-confold',
  // For a lock that somebody takes between our look and apt's own try.
  '--option=DPkg::Lock::Timeout=5',
]

const STATUS = '--showformat=${db:Status-Abbrev}'

/**
 * Installs a package, or ends with exit status 75 when somebody else holds a lock of apt or dpkg for too long. The
 * lists are refreshed when apt does not know the package, and once when the installation fails (a list may be older
 * than what the mirror still has).
 */
export function aptInstall(installation: Installation): Script {
  const { name, version, hold } = installation
  const wanted = version === undefined ? name : `${name}=${version}`
  const options = [
    ...OPTIONS,
    ...(version === undefined ? [] : ['--allow-downgrades']),
    ...(hold === undefined ? [] : ['--allow-change-held-packages']),
  ]
  return lines([
    patience(installation),
    NOTHING_STARTS,
    sh`
      install() { patient apt-get install ${options} -- ${wanted}; }
      patient dpkg --force-confdef --force-confold --configure --pending
      refreshed=
      if ! apt-cache show --no-all-versions -- ${wanted} >/dev/null 2>&1; then
        patient apt-get update --quiet
        refreshed=yes
      fi
      if ! install; then
        [ -z "$refreshed" ] || exit 100
        patient apt-get update --quiet
        install
      fi
      case $(dpkg-query --show ${STATUS} -- ${name}) in
        ?i*) ;;
        *) echo 'apt-get installed something else for' ${name} >&2; exit 1 ;;
      esac`,
    ...(hold === undefined ? [] : [mark(name, hold)]),
  ])
}

/** Sets or ends the hold of a package; without `hold` it ends. */
export function aptHold(installation: Installation): Script {
  return lines([patience(installation), mark(installation.name, installation.hold === true)])
}

function mark(name: string, hold: boolean): Script {
  return sh`patient apt-mark --quiet ${hold ? 'hold' : 'unhold'} -- ${name}`
}

/**
 * `patient COMMAND...` runs it when nobody holds a lock, and again when it failed while somebody did. apt's own
 * waiting does not cover the lists and the archives, dpkg has none. A holder is a process that /proc/locks names and that
 * has a lock file open; the inodes in /proc/locks are not those that stat shows on every file system (overlay, btrfs).
 */
function patience({ lockWaitSeconds = LOCK_WAIT_SECONDS }: Installation): Script {
  return sh`
    set -eu
    export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1
    holders() {
      awk '$2 == "POSIX" { print $5 }' /proc/locks | sort -u | while read -r pid; do
        for open in "/proc/$pid/fd/"*; do
          for lock in ${LOCKS}; do
            if [ "$open" -ef "$lock" ]; then
              echo "process $pid ($(cat "/proc/$pid/comm")) holds $lock"
            fi
          done
        done
      done
    }
    deadline=$(($(date +%s) + ${lockWaitSeconds}))
    patient() {
      while :; do
        while held=$(holders); [ -n "$held" ]; do
          if [ "$(date +%s)" -ge "$deadline" ]; then
            printf '%s\n' "$held" 'waited ${lockWaitSeconds} seconds for it in vain' >&2
            exit 75
          fi
          sleep 1
        done
        if "$@" </dev/null; then return 0; else status=$?; fi
        [ -n "$(holders)" ] || return "$status"
      done
    }`
}

/**
 * Keeps maintainer scripts from starting daemons with the configuration that the package brings (restarts of what runs
 * are let through). A policy of the administrator is respected; one of ours whose process is gone denies nothing.
 */
const NOTHING_STARTS = lines([
  sh`
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ] || grep -q '^# gw:' "$policy"; then`,
  atExit(sh`rm -f -- "$policy"`),
  sh`
    cat >"$policy" <<E
    #!/bin/sh
    # gw: while process $$ installs packages, nothing is started; without that process this file may be removed.
    [ "\$2" != start ] || [ ! -d /proc/$$ ] || exit 101
    E
    chmod 0755 -- "$policy"
    fi`,
])
