import { audit } from '../operations/audit.js'
import { stagedPath } from '../operations/replacement.js'
import { type Script, lines, sh } from '../shell/script.js'
import { KEEPALIVED_FUNCTION, RELOAD_FUNCTION, UNIT_FUNCTIONS } from './generation.js'
import { discardTrial, finishConfirm, isMineFunction, type TrialArguments } from './trial-script.js'

/**
 * The program `trial/revert`, run as `sh revert watchdog|boot|gw|takeover`: takes the release back, or makes it stay when
 * its confirmation was begun. Needs nothing of gw's and may be killed and begun anew at any point. Ends with 1 when NGINX
 * or keepalived did not follow: the files are those of the release before, and the trial stays, so that the watchdog and
 * whoever takes over try again until what runs is what is published.
 */
export function revertScript(trial: TrialArguments): Script {
  return lines([
    sh`
      # Written by gw: takes a release back that nobody confirmed.
      set -eu
      by=$1
      case $by in watchdog | boot | gw | takeover) ;; *) exit 2 ;; esac`,
    isMineFunction(trial),
    UNIT_FUNCTIONS,
    RELOAD_FUNCTION,
    KEEPALIVED_FUNCTION,
    awaitLease(trial),
    takeWork(trial),
    sh`
      is_mine || exit 0
      if [ -e ${trial.paths.trial}/confirmed ]; then`,
    finishConfirm(trial),
    sh`
        exit 0
      fi`,
    leadBack(trial),
    restoreUnits(trial),
    writeDown(trial),
    discardTrial(trial),
    sh`printf 'release %s is taken back (%s), %s is the current one\n' ${trial.name} "$by" "$before"`,
  ])
}

/** The timer goes off after one lease; the run may have renewed it since. The lock is replaced by renaming, so one look may miss it. */
function awaitLease({ run, paths }: TrialArguments): Script {
  return sh`
    read -r boot </proc/sys/kernel/random/boot_id
    lease_lives() {
      { read -r _ deadline lease_boot lease_run _ <${paths.lock}/lease; } 2>/dev/null || return 1
      read -r uptime _ </proc/uptime
      [ "$lease_run $lease_boot" = ${run}" $boot" ] && [ "\${uptime%.*}" -lt "$deadline" ]
    }
    if [ "$by" = watchdog ]; then
      while is_mine && { lease_lives || { sleep 0.2; lease_lives; }; }; do sleep 0.2; done
    fi`
}

/** While a program that changes this host lives, nobody takes back what it does: it has the lock, on descriptor 9. */
function takeWork({ paths }: TrialArguments): Script {
  return sh`
    if [ "\${GW_WORK_HELD-}" != 1 ] && ! [ /proc/self/fd/9 -ef ${paths.work} ]; then
      exec 9>>${paths.work}
      flock 9
    fi`
}

/** The link is gone when this was done before: by a revert that was killed later on. */
function leadBack({ paths }: TrialArguments): Script {
  return sh`
    read -r before <${paths.trial}/before
    if [ -L ${paths.trial}/back ]; then
      mv -T -- ${paths.trial}/back ${paths.current}
      sync -- ${paths.root} || :
    fi`
}

/** At boot the units come later, and find the files as they were. A unit that has followed is not asked again. */
function restoreUnits({ name, paths }: TrialArguments): Script {
  const file = 'keepalived/keepalived.conf'
  return sh`
    failed=
    reload_keepalived() {
      cmp -s -- ${paths.releases}/"$before"/${file} ${paths.releases}/${name}/${file} ||
        refresh_keepalived "$before" ${name}
    }
    # restore UNIT RELOAD: it runs as it did before, with the files from before.
    restore() {
      if [ -e ${paths.trial}/"$1".followed ]; then
        return 0
      elif [ ! -e ${paths.trial}/"$1" ]; then
        ! is_up "$1" || systemctl stop "$1"
      elif is_active "$1"; then
        "$2"
      else
        systemctl start "$1"
      fi || return 1
      touch -- ${paths.trial}/"$1".followed || :
    }
    if [ "$by" != boot ]; then
      restore nginx.service reload_nginx || failed='NGINX did not go back to it: systemctl status nginx'
      restore keepalived.service reload_keepalived ||
        failed=$failed\${failed:+$nl}'keepalived did not go back to it: systemctl status keepalived'
    fi
    if [ -n "$failed" ]; then
      printf '%s is the current release again, but does not run yet; the host tries again:\n%s\n' "$before" "$failed"
      exit 1
    fi`
}

/** A full disk must not keep the host from going back. */
function writeDown(trial: TrialArguments): Script {
  const { name, run, paths } = trial
  const known = JSON.stringify({ run, release: name }).slice(1, -1)
  return sh`
    {
      printf '{"time":"%s",%s,"before":"%s","by":"%s"}\n' \
        "$(date -u +%Y-%m-%dT%H:%M:%SZ)" ${known} "$before" "$by" >${stagedPath(paths.reverted)} &&
        mv -T -- ${stagedPath(paths.reverted)} ${paths.reverted}
    } || :
    ${audit({ event: 'release.reverted', run, release: name }, trial.auditFile, sh`"\"before\":\"$before\",\"by\":\"$by\""`)}`
}
