import { parseLockWords, readLock } from '../../facts/lock-state.js'
import { GwError } from '../../errors.js'
import { type Fence, type Holder, watchdogUnit } from '../../model/lock.js'
import type { StatePaths } from '../../model/state-paths.js'
import { frame } from '../../shell/frames.js'
import { lines, type Script, sh, shellLine } from '../../shell/script.js'

/** What a run writes into a host's lock. */
export interface Claim {
  readonly holder: Holder
  /** How long the lease runs when nobody renews it, in whole seconds. */
  readonly leaseSeconds: number
  /** Run once the lock is taken: what is written down about it. */
  readonly note?: Script
}

/** How long whoever takes over waits for what the run before still has at work, in seconds. */
export const PATIENCE_WITH_WORK = 5

/** How long a changing program waits for the one before it, in seconds. */
const PATIENCE_OF_FENCE = 10

/** How long a run that ends waits for what it still has at work, in seconds. */
const PATIENCE_OF_RELEASE = 1

/** How long anybody waits for `guard`, which is held for a moment only, in seconds. */
const PATIENCE_WITH_GUARD = 10

/*
 * `work` comes before `guard`, so that nobody who holds the one that another wants waits for that other's. Their
 * descriptors are 9 and 8: a host's shell has no more than one digit for them, and 3 is the program's input. `command`
 * makes a file that cannot be opened a status instead of the shell's end.
 */
const open = (descriptor: number, path: string): Script => sh`command exec ${descriptor}>>${path}`
const flock = (descriptor: number, seconds: number): Script => sh`flock -w ${seconds} ${descriptor}`
const guarded = ({ guard }: StatePaths): Script => sh`${open(8, guard)} && ${flock(8, PATIENCE_WITH_GUARD)}`

/** Where there is no state there is no lock, and none is made by looking for it. */
const guardedIfThere = (paths: StatePaths): Script =>
  sh`{ [ ! -d ${paths.root} ] || { ${guarded(paths)}; }; }`

/** Shell that answers a frame; `words` is shell source. */
const answer = (words: string): Script => shellLine(frame(words))

/** The same with the lock as it was seen behind it, for `parseLockWords`. */
const answerWithLock = (words: string): Script => answer(`${words} "$(gw_lock_words)"`)

/**
 * Takes the lock of a host. What it prints is followed by one frame:
 * - `lock taken TOKEN LOCK` with the lock as it stood before: a lease that was over has been taken over,
 * - `lock held LOCK`: another run's lease is not over,
 * - `lock busy LOCK`: nobody holds it, but something is still at work on the host, most often of a run before,
 * - `lock unreverted LOCK`: what its run published, or a fault of its drill, could not be undone, and the text says why,
 * - `lock failed`: the state cannot be written there, and the text says why.
 * A lock changes hands under `work` and `guard`: what is undone under `work` alone cannot have become another run's.
 */
export function acquireScript(paths: StatePaths, claim: Claim, seconds = PATIENCE_WITH_WORK): Script {
  const drill = `${paths.drill}/undo`
  const trial = `${paths.trial}/revert`
  return sh`
    gw_look() {
      ${readLock(paths)}
    }
    gw_held() { [ "$gw_is" = live ] && [ "$gw_run" != ${claim.holder.run} ]; }
    gw_unfinished() {
      [ "$gw_is" = over ] || { [ "$gw_is" = none ] && { [ -e ${drill} ] || [ -e ${trial} ]; }; }
    }
    gw_undo() {
      [ ! -e "$1" ] || { GW_WORK_HELD=1 sh "$1" takeover 8>&- && [ ! -e "$1" ]; }
    }
    gw_acquire() {
      { [ -d ${paths.root} ] || mkdir -p -- ${paths.root}; } && ${guarded(paths)} || return
      gw_look
      if gw_held; then ${answerWithLock('lock held')}; return 0; fi
      flock -u 8
      ${open(9, paths.work)} || return
      ${flock(9, seconds)} && gw_free=yes || gw_free=no
      ${flock(8, PATIENCE_WITH_GUARD)} || return
      gw_look
      if gw_held; then ${answerWithLock('lock held')}; return 0; fi
      if [ "$gw_free" = no ]; then ${answerWithLock('lock busy')}; return 0; fi
      if gw_unfinished; then
        flock -u 8
        gw_undo ${drill} && gw_undo ${trial} || { gw_look; ${answerWithLock('lock unreverted')}; return 0; }
        ${flock(8, PATIENCE_WITH_GUARD)} || return
        gw_look
      fi
      gw_new=$((gw_last > gw_token ? gw_last + 1 : gw_token + 1))
      gw_before=$(gw_lock_words)
      ${replaceLock(paths, claim)} || return
      ${claim.note ?? sh`:`}
      ${answer('lock taken "$gw_new" "$gw_before"')}
    }
    (gw_acquire || ${answer('lock failed')}) 2>&1`
}

/** The token is on the disk before the lock that has it is there. */
function replaceLock(paths: StatePaths, { holder, leaseSeconds }: Claim): Script {
  const [fresh, token] = [`${paths.lock}.new`, `${paths.token}.new`]
  const [lease, text] = [`${fresh}/lease`, `${fresh}/holder.json`]
  return sh`rm -rf -- ${fresh} && mkdir -- ${fresh} &&
        echo "$gw_new" >${token} &&
        echo "$gw_new $((gw_now + 1 + ${leaseSeconds})) $gw_boot" ${holder.run} >${lease} &&
        printf '%s\n' ${JSON.stringify(holder)} >${text} &&
        sync -- ${[token, lease, text, fresh]} &&
        mv -fT -- ${token} ${paths.token} &&
        ${removeLock(paths)} &&
        mv -T -- ${fresh} ${paths.lock} &&
        sync -- ${paths.root}`
}

/** By a rename first, so that no half of a lock is ever seen. */
function removeLock({ lock }: StatePaths): Script {
  const old = `${lock}.old`
  return sh`rm -rf -- ${old} && { [ ! -e ${lock} ] || mv -T -- ${lock} ${old}; } && rm -rf -- ${old}`
}

/** Shell that sets `gw_kind`: `held` when the fence's run may change the host, else why not: gone, taken or over. */
function checkFence(paths: StatePaths, { run, token }: Fence): Script {
  return sh`
    ${readLock(paths)}
    if [ "$gw_is" = none ]; then gw_kind=gone
    elif [ "$gw_token" != ${token} ] || [ "$gw_run" != ${run} ]; then gw_kind=taken
    elif [ "$gw_is" = over ]; then gw_kind=over
    else gw_kind=held; fi`
}

const answerFenced = ({ token }: Fence): Script => answerWithLock(`fenced "$gw_kind" ${token}`)

/** Lets the lease begin anew. Answers `lock renewed`, `fenced ...` as `fencePrelude` does, or `lock failed`. */
export function renewScript(paths: StatePaths, fence: Fence, leaseSeconds: number): Script {
  const [lease, fresh] = [`${paths.lock}/lease`, `${paths.lock}/lease.new`]
  return sh`
    gw_renew() {
      ${guardedIfThere(paths)} || return
      ${checkFence(paths, fence)}
      if [ "$gw_kind" != held ]; then ${answerFenced(fence)}; return 0; fi
      echo "$gw_token $((gw_now + 1 + ${leaseSeconds})) $gw_boot $gw_run" >${fresh} && mv -fT -- ${fresh} ${lease} || return
      ${answer('lock renewed')}
    }
    (gw_renew || ${answer('lock failed')}) 2>&1`
}

/**
 * Ends the lease, and has the watchdog of what the run published look at once: its timer counts from when it was armed.
 * The lock stays and says what was not finished. Answers as `renewScript` does.
 */
export function leaveScript(paths: StatePaths, fence: Fence): Script {
  return lines([
    renewScript(paths, fence, 0),
    sh`systemctl start --no-block ${`${watchdogUnit(fence.run)}.service`} >/dev/null 2>&1 || :`,
  ])
}

/**
 * Lets the lock go when it is the fence's; a lease that is over counts, too. With `unfinished` the lock of the run that
 * it was taken over from stands there again, over as it was; `note` is run before. Answers `lock released`, `lock kept`,
 * `lock failed`, or `lock busy`: something that the run started is still at work, so the lock stays and its lease is over.
 */
export function releaseScript(
  paths: StatePaths,
  fence: Fence,
  unfinished: { readonly holder: Holder; readonly token: number } | null = null,
  note: Script = sh`:`,
): Script {
  const end = unfinished === null ? removeUnlessAtWork(paths) : putBack(paths, unfinished)
  return sh`
    gw_release() {
      gw_free=yes gw_end=released
      if [ -d ${paths.root} ]; then ${open(9, paths.work)} && ${flock(9, PATIENCE_OF_RELEASE)} || gw_free=no; fi
      ${guardedIfThere(paths)} || return
      ${checkFence(paths, fence)}
      case $gw_kind in gone | taken) ${answer('lock kept')}; return 0 ;; esac
      ${note}
      ${end} || return
      ${answer('lock "$gw_end"')}
    }
    (gw_release || ${answer('lock failed')}) 2>&1`
}

function removeUnlessAtWork(paths: StatePaths): Script {
  const [lease, fresh] = [`${paths.lock}/lease`, `${paths.lock}/lease.new`]
  return sh`if [ "$gw_free" = yes ]; then
        ${removeLock(paths)}
      else
        gw_end=busy
        echo "$gw_token 0 $gw_boot $gw_run" >${fresh} && mv -fT -- ${fresh} ${lease}
      fi`
}

function putBack(
  paths: StatePaths,
  { holder, token }: { readonly holder: Holder; readonly token: number },
): Script {
  const fresh = `${paths.lock}.new`
  return sh`${removeLock(paths)} && rm -rf -- ${fresh} && mkdir -- ${fresh} &&
        echo ${token} 0 "$gw_boot" ${holder.run} >${`${fresh}/lease`} &&
        printf '%s\n' ${JSON.stringify(holder)} >${`${fresh}/holder.json`} &&
        mv -T -- ${fresh} ${paths.lock}`
}

/**
 * The beginning of every program that changes a host: it holds `work` from here on, on a descriptor that all its children
 * have too, so that a child which outlives it still keeps everybody else out. A program whose run may not change the
 * host (any more) ends here, having answered `fenced KIND TOKEN LOCK` for `readFenced`: gone, taken, over, or busy.
 */
export function fencePrelude(paths: StatePaths, fence: Fence, seconds = PATIENCE_OF_FENCE): Script {
  return sh`
    ${open(9, paths.work)} && ${flock(9, seconds)} && ${guarded(paths)} && gw_free=yes || gw_free=no
    ${checkFence(paths, fence)}
    command exec 8>&-
    [ "$gw_free" = yes ] || [ "$gw_kind" != held ] || gw_kind=busy
    if [ "$gw_kind" != held ]; then ${answerFenced(fence)}; ${answer('done')}; exit 0; fi`
}

const WHY_FENCED: Readonly<Record<string, string>> = {
  gone: 'its lock there was let go',
  taken: 'another run has the lock now',
  over: 'its lease ran out there',
  busy: 'something is still at work there',
}

/** Why a program was fenced off, by the frame that it answered: both tokens, and who has the lock now. */
export function readFenced(host: string, words: readonly string[]): GwError {
  const [, kind = '', token = '', ...seen] = words
  const { lock, token: last } = parseLockWords(seen)
  const there =
    lock === null
      ? `no lock is there, and the last token was ${last}`
      : `token ${lock.token} is there, of ${ownerText(lock.holder)}`
  const why = WHY_FENCED[kind] ?? 'its lock is not valid there'
  const message = `this run may not change the host: ${why} (its token is ${token}; ${there}); this program changed nothing`
  return new GwError('LOCK_LOST', message, {
    host,
    nextSteps: ['gw status ENV shows where the hosts stand.', 'gw lock status ENV shows who has the lock.'],
  })
}

/** Who has a lock, as a sentence names it: a run, or the person who took it by hand. */
export function ownerText(holder: Holder): string {
  return holder.kind === 'hand' ? holder.by : `run ${holderText(holder)}`
}

/** A run as a sentence names it: `3fa91c02 (gw deploy production by alice@laptop)`. */
export function holderText({ run, command, by }: Holder): string {
  return `${run} (${command} by ${by})`
}
