import { audit } from '../operations/audit.js'
import { type Script, lines, sh } from '../shell/script.js'
import { finishConfirm, isMineFunction, type TrialArguments } from './trial-script.js'

/** Exit status of a confirmation that came too late: the host has taken the release back. */
export const CONFIRM_STATUS = { takenBack: 83 } as const

interface ConfirmArguments extends TrialArguments {
  /** Removes what no longer needs to be kept; that it fails is no reason to take the release back. */
  readonly removal: Script
}

/**
 * Makes a release stay that this run published, whatever becomes of this program once `trial/confirmed` is on the disk.
 * Confirming again changes nothing. Run it under the run's fence, over a new connection: that nobody can reach the host
 * any more is one of the reasons to take a release back.
 */
export function confirmScript(args: ConfirmArguments): Script {
  const { name, run, paths, removal } = args
  return lines([
    sh`
      (
      set -eu`,
    isMineFunction(args),
    refuseTakenBack(args),
    sh`
      if is_mine; then
      mark=${paths.trial}/confirmed
      printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" ${run} >"$mark.gw-staged"
      sync -- "$mark.gw-staged" ${paths.root}
      mv -T -- "$mark.gw-staged" "$mark"
      sync -- ${paths.trial}`,
    finishConfirm(args),
    audit({ event: 'release.confirmed', run, release: name }, args.auditFile),
    sh`
      fi
      set +e
      (
      set -e`,
    removal,
    sh`
      )
      exit 0
      )`,
  ])
}

/**
 * Changes nothing; fails as `confirmScript` would where the host has taken the release back, so that no host confirms a
 * release that another one does not have any more. Under the run's fence.
 */
export function confirmableScript(args: TrialArguments): Script {
  return lines([
    sh`
      (
      set -eu`,
    isMineFunction(args),
    refuseTakenBack(args),
    sh`)`,
  ])
}

/** Says by whom and when, as the host wrote it down. A trial without its link back is one that is being taken back. */
function refuseTakenBack({ name, run, paths }: TrialArguments): Script {
  const record = `s/^{"time":"\\([^"]*\\)","run":"${run}",.*"by":"\\([a-z]*\\)"}$/\\1 \\2/p`
  return sh`
    if ! { is_mine && [ -L ${paths.trial}/back ]; } && ! grep -qs ${` ${run}$`} ${paths.confirmed}/${name}; then
      told=$(sed -n ${record} ${paths.reverted} 2>/dev/null) || told=
      case \${told#* } in
        watchdog) why='by the host itself: the lease of the run was over' ;;
        boot) why='when the host booted' ;;
        takeover) why='by another run, which took the lock over' ;;
        gw) why='by gw' ;;
        *) why='and the host does not say by whom' ;;
      esac
      now=$(readlink -- ${paths.current}) || now=none
      printf 'release %s was taken back %s %s; the current one is %s\n' ${name} "\${told% *}" "$why" "\${now##*/}"
      exit ${CONFIRM_STATUS.takenBack}
    fi`
}

/** How long going back waits for what the run still has at work on the host, in seconds. */
const PATIENCE_WITH_WORK = 30

/**
 * Takes back what this run published here and did not confirm; does nothing when there is no such trial. Without a fence:
 * first it waits for what this run still has at work here, which may be about to publish.
 */
export function revertNowScript(
  { run, paths }: Pick<TrialArguments, 'run' | 'paths'>,
  seconds = PATIENCE_WITH_WORK,
): Script {
  return sh`
    (
    exec 9>>${paths.work}
    if ! flock -w ${seconds} 9; then
      echo 'something is still at work on the host after '${seconds}' s, so nothing was taken back; the host does it when that has ended and the lease is over'
      exit 1
    fi
    ${isMineFunction({ run, paths })}
    ! is_mine || GW_WORK_HELD=1 sh ${paths.trial}/revert gw
    )`
}
