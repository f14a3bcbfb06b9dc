import { type Question, ask } from '../facts/fact.js'
import { type FileState, fileState } from '../facts/file.js'
import type { ReleaseStore } from '../model/release-store.js'
import { audit } from '../operations/audit.js'
import type { Decision, Operation } from '../operations/operation.js'
import { type Script, lines, sh } from '../shell/script.js'
import { KEEPALIVED_FUNCTION, RELOAD_FUNCTION, UNIT_FUNCTIONS } from './generation.js'
import { revertScript } from './revert-script.js'
import { armWatchdog, discardTrial, leadTo, makeTrial, type TrialArguments } from './trial-script.js'

/**
 * Exit statuses of the task that publishes; after each of them the release before is the current one.
 * `notReady`: the release or the current one is not what it should be, nothing was changed. `notArmed`: the host could not
 * be made to go back by itself, so nothing was published. `notEffective`: NGINX or keepalived did not take the release.
 */
export const PUBLISH_STATUS = { notReady: 80, notArmed: 81, notEffective: 82 } as const

interface PublishArguments extends TrialArguments {
  /** For how long the run may be silent before the host takes the release back. */
  readonly leaseSeconds: number
  readonly store: Question<ReleaseStore>
}

/**
 * The release is the current one, on trial: NGINX and keepalived have it if they run, and the host takes it back by itself
 * unless the run confirms it. Run it under the run's fence: it counts on having the work lock.
 */
export function publishRelease(args: PublishArguments): Operation {
  const { paths, store } = args
  const current = ask(fileState, { path: paths.current })
  return {
    subject: paths.current,
    questions: [store, current],
    decide(answers, upcoming) {
      const isComing = upcoming.changes(paths.current)
      return decide(args, answers.to(store), isComing ? null : answers.to(current))
    },
  }
}

/** `current` is null when an earlier task makes it. */
function decide(args: PublishArguments, now: ReleaseStore, current: FileState | null): Decision {
  const { name, paths } = args
  if (now.current === name && now.trial === null) {
    return { kind: 'ok', reason: `${name} is the current release` }
  }
  if (current !== null && current.type !== 'link') {
    return {
      kind: 'blocked',
      reason: `${paths.current} is no link to a release (${current.type})`,
      nextSteps: [`See what stands there: ls -l ${paths.root}`],
    }
  }
  const before = now.trial?.before ?? now.current ?? 'what stands there'
  return {
    kind: 'change',
    summary: `publish ${name} in place of ${before}`,
    script: publishScript(args),
    failures: { [PUBLISH_STATUS.notEffective]: 'RELOAD_NOT_EFFECTIVE' },
  }
}

/** Killed between the trial and its watchdog it leaves a trial that no timer ends, but nothing is published then. */
function publishScript(args: PublishArguments): Script {
  const { name, run, paths, leaseSeconds } = args
  return lines([
    sh`set -eu`,
    UNIT_FUNCTIONS,
    RELOAD_FUNCTION,
    KEEPALIVED_FUNCTION,
    endEarlierTrial(args),
    checkReleases(args),
    makeTrial(args, revertScript(args)),
    sh`if ! {`,
    armWatchdog(args, leaseSeconds),
    sh`}; then`,
    discardTrial(args),
    sh`
        echo 'the host could not be made to go back by itself, so nothing was published'
        exit ${PUBLISH_STATUS.notArmed}
      fi`,
    undoFunction(args),
    sh`
      set +e
      (
      set -e`,
    leadTo(paths.current, sh`"$release"`),
    sh`
      )
      status=$?
      set -e
      [ "$status" = 0 ] || undo 'the link to the current release could not be changed'`,
    reloadUnits(args),
    audit({ event: 'release.published', run, release: name }, args.auditFile),
  ])
}

/** One that was left behind is finished first, one way or the other. */
function endEarlierTrial({ paths }: TrialArguments): Script {
  return sh`
    if [ -d ${paths.trial} ]; then GW_WORK_HELD=1 sh ${paths.trial}/revert gw; fi`
}

/** Nothing but a folder of the store is gone back to. */
function checkReleases({ name, paths }: TrialArguments): Script {
  return sh`
    refuse() {
      printf '%s; nothing was changed\n' "$1"
      exit ${PUBLISH_STATUS.notReady}
    }
    release=${paths.releases}/${name}
    [ -d "$release" ] || refuse "there is no folder $release"
    before=$(readlink -- ${paths.current}) || refuse 'there is no link '${paths.current}
    case \${before#${paths.releases}/} in
      "$before" | '' | . | .. | *[!A-Za-z0-9._-]*)
        refuse ${paths.current}" leads to $before, which is no release"
        ;;
    esac
    [ -d "$before" ] || refuse "the current release $before is gone"
    [ "$before" != "$release" ] || exit 0`
}

/** What the shell finds of the error logs in a nginx.conf: absolute paths that need no quoting. */
const ERROR_LOG = String.raw`s/^[[:space:]]*error_log[[:space:]]\{1,\}["']\{0,1\}\(\/[A-Za-z0-9._/-]*\).*/\1/p`

/** NGINX's own words since then are what helps: of a reload that it refuses it tells nobody but its log. */
function undoFunction({ name, paths }: TrialArguments): Script {
  return sh`
    marks=
    for log in $(sed -n ${ERROR_LOG} "$before/nginx/nginx.conf" "$release/nginx/nginx.conf" 2>/dev/null | sort -u); do
      marks="$marks $(stat -c %s -- "$log" 2>/dev/null || echo 0):$log"
    done
    undo() {
      for mark in $marks; do tail -c "+$((\${mark%%:*} + 1))" -- "\${mark#*:}"; done 2>/dev/null |
        grep -E '\[(emerg|alert)\]' | tail -n 10 || :
      printf '%s\n' "$1"
      GW_WORK_HELD=1 sh ${paths.trial}/revert gw || :
      [ "$(readlink -- ${paths.current})" = "$before" ] || echo ${name}' is still the current release here'
      exit ${PUBLISH_STATUS.notEffective}
    }`
}

/** What does not run is not started here. */
function reloadUnits({ name }: TrialArguments): Script {
  const file = 'keepalived/keepalived.conf'
  return sh`
    if is_active nginx.service; then
      reload_nginx || undo 'NGINX did not take the files of '${name}' and goes on with those from before'
    fi
    if ! cmp -s -- "$before"/${file} "$release"/${file} && is_active keepalived.service; then
      refresh_keepalived "\${before##*/}" ${name} || undo 'keepalived did not take the files of '${name}
    fi`
}
