import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { type Script, lines, sh } from '../shell/script.js'
import { atExit } from './at-exit.js'
import { type Ownership, setOwnership } from './ownership.js'

/** The sum by which the content of a file is known, in hexadecimal. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Where the new version of `path` is prepared: in the same directory, named so that no `*.conf` takes it in. */
export function stagedPath(path: string): string {
  return posix.join(posix.dirname(path), `.${posix.basename(path)}.gw-staged`)
}

/** Refuses to go on when a directory stands at `path`, as it may since the facts were asked. */
export function refuseDirectory(path: string): Script {
  return sh`
    if [ -d ${path} ] && [ ! -L ${path} ]; then
      echo 'a directory stands at' ${path} >&2
      exit 1
    fi`
}

/** Makes the staged copy of `path` this script's own. */
export function claimStaged(path: string): Script {
  return claim(posix.dirname(path), sh`rm -f -- ${stagedPath(path)}`)
}

/**
 * Makes what is staged this script's own: waits for another program of gw that is at work in the same folder (an earlier
 * run may go on after gw lost it), has `remove` take away what an ended one left, and again whenever the script ends, by
 * a signal too. The lock is on the folder itself and goes with the script.
 */
export function claim(folder: string, remove: Script): Script {
  return lines([
    sh`
      exec 9<${folder}
      if ! flock -w 60 9; then
        echo 'another program of gw is at work in' ${folder} >&2
        exit 75
      fi`,
    remove,
    atExit(remove),
  ])
}

/** Puts the staged copy in place in one step and onto the disk. */
export function publishStaged(path: string): Script {
  const staged = stagedPath(path)
  return sh`
    mv -T -- ${staged} ${path}
    sync -- ${posix.dirname(path)}`
}

/**
 * Ends the script when a command of the test fails, with its status or with `status`; as the last one of `test`,
 * `! grep ...` counts too.
 */
export function passing(path: string, test: Script, status?: number): Script {
  return lines([
    sh`
      set +e
      (
      set -e`,
    test,
    sh`
      )
      status=$?
      set -e
      if [ "$status" != 0 ]; then
        echo 'the new' ${path} 'did not pass its test; nothing was changed' >&2
        exit ${status ?? sh`"$status"`}
      fi`,
  ])
}

interface Replacement {
  readonly path: string
  /** Of the content, which the script reads from its standard input. */
  readonly sha256: string
  readonly ownership: Ownership
  /** Run on the staged copy; unless it succeeds, nothing changes. */
  readonly test?: (staged: string) => Script
}

/**
 * Replaces a file by the content on standard input: written beside, compared with its sum, tested, and renamed.
 * At any moment, and on a full disk or a cut input, `path` is the old file or the new one, whole.
 */
export function replaceFile({ path, sha256, ownership, test }: Replacement): Script {
  const staged = stagedPath(path)
  return lines([
    sh`set -eu`,
    refuseDirectory(path),
    claimStaged(path),
    // noclobber: the copy is a new file of ours, not one that somebody put there for us to write into.
    sh`
      (umask 077 && set -C && cat >${staged})
      sum=$(sha256sum <${staged})
      if [ "\${sum%% *}" != ${sha256} ]; then
        echo 'the content of' ${path} 'did not arrive whole; nothing was changed' >&2
        exit 74
      fi`,
    setOwnership(staged, ownership),
    ...(test === undefined ? [] : [passing(path, test(staged))]),
    sh`sync -- ${staged}`,
    publishStaged(path),
  ])
}
