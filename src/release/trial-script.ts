import { watchdogUnit } from '../model/lock.js'
import type { StatePaths } from '../model/state-paths.js'
import { atExit } from '../operations/at-exit.js'
import { stagedPath } from '../operations/replacement.js'
import { type Script, sh } from '../shell/script.js'

/** A publish on one host, from its beginning until it is confirmed or taken back. */
export interface TrialArguments {
  /** Name of the release. */
  readonly name: string
  /** Id of the run. */
  readonly run: string
  readonly paths: StatePaths
  /** Absolute; that of every real host unless said. */
  readonly auditFile?: string
}

/** The place where a trial is built before it stands, and where it goes before it is removed. */
function aside({ paths }: TrialArguments): string {
  return stagedPath(paths.trial)
}

/** Shell function `is_mine`: whether there is a trial, and it is that of this run. */
export function isMineFunction({ run, paths }: Pick<TrialArguments, 'run' | 'paths'>): Script {
  return sh`
    is_mine() {
      { read -r trial_run <${paths.trial}/run; } 2>/dev/null && [ "$trial_run" = ${run} ]
    }`
}

/**
 * Makes the trial: with `$before`, the folder of the current release, and `is_up`. A unit that runs now has a file of
 * its name. The link back is made while there is room for it: going back must succeed on a full disk, too.
 */
export function makeTrial(trial: TrialArguments, revert: Script): Script {
  const { name, run, paths } = trial
  const staged = aside(trial)
  return sh`
    rm -rf -- ${staged}
    ${atExit(sh`rm -rf -- ${staged}`)}
    mkdir -- ${staged}
    printf '%s\n' ${run} >${staged}/run
    printf '%s\n' ${name} >${staged}/release
    printf '%s\n' "\${before##*/}" >${staged}/before
    printf '%s\n' ${revert.text} >${staged}/revert
    for unit in nginx.service keepalived.service; do
      if is_up "$unit"; then : >${staged}/"$unit"; fi
    done
    ln -s -- "$before" ${staged}/back
    sync -- ${staged}/* ${staged}
    mv -T -- ${staged} ${paths.trial}
    sync -- ${paths.root}`
}

/**
 * Has systemd take the release back when the lease is over, whatever becomes of gw and of this connection. It tries again
 * when it fails, until nothing is left to be taken back.
 */
export function armWatchdog(trial: TrialArguments, leaseSeconds: number): Script {
  const unit = watchdogUnit(trial.run)
  const options = [
    '--quiet',
    '--collect',
    `--unit=${unit}`,
    `--description=Take the release ${trial.name} back unless gw confirms it`,
    `--on-active=${leaseSeconds}s`,
    '--timer-property=AccuracySec=100ms',
    '--property=Restart=on-failure',
    '--property=RestartSec=1s',
    '--property=StartLimitIntervalSec=0',
  ]
  const command = '[ ! -e "$0" ] || exec /bin/sh "$0" watchdog'
  return sh`systemd-run ${options} -- /bin/sh -c ${command} ${trial.paths.trial}/revert`
}

/** The trial is over: first its folder goes, in one step, and then the timer that is left without a work to do. */
export function discardTrial(trial: TrialArguments): Script {
  return sh`
    rm -rf -- ${aside(trial)}
    mv -T -- ${trial.paths.trial} ${aside(trial)}
    sync -- ${trial.paths.root} || :
    rm -rf -- ${aside(trial)}
    systemctl stop --quiet ${`${watchdogUnit(trial.run)}.timer`} 2>/dev/null || :`
}

/** Leads `link` to `target` (a word of the shell) in one step. */
export function leadTo(link: string, target: Script): Script {
  return sh`
    rm -f -- ${stagedPath(link)}
    ln -s -- ${target} ${stagedPath(link)}
    mv -T -- ${stagedPath(link)} ${link}`
}

/**
 * Makes the trial's release stay, from the moment at which `trial/confirmed` is there. May be begun anew at any point:
 * whoever finds that file goes on with it.
 */
export function finishConfirm(trial: TrialArguments): Script {
  const { name, paths } = trial
  const own = `${paths.confirmed}/${name}`
  return sh`
    read -r before <${paths.trial}/before
    mkdir -p -- ${paths.confirmed}
    cp -- ${paths.trial}/confirmed ${stagedPath(own)}
    mv -T -- ${stagedPath(own)} ${own}
    ${leadTo(paths.previous, sh`${paths.releases}/"$before"`)}
    rm -f -- ${paths.reverted}
    sync -- ${[own, paths.confirmed, paths.root]}
    ${discardTrial(trial)}`
}
