import { posix } from 'node:path'
import { ask } from '../facts/fact.js'
import { fileState } from '../facts/file.js'
import { ORIGINAL_RELEASE } from '../model/release.js'
import { BACKUPS_FOLDER, type StatePaths } from '../model/state-paths.js'
import { occupied } from '../operations/occupied.js'
import type { Operation } from '../operations/operation.js'
import { stagedPath } from '../operations/replacement.js'
import { type Script, lines, sh } from '../shell/script.js'
import { leadTo } from './trial-script.js'

interface OriginalArguments {
  readonly paths: StatePaths
  /** The links by which programs find their files; each target is below `paths.current`. */
  readonly links: readonly { readonly path: string; readonly target: string }[]
  /** The folder of the host's backups; that of every real host unless said. */
  readonly backups?: string
}

/**
 * What stands where gw's links will be is the current release, under the name `original`: so the first publish is one
 * rename as every other, and can be taken back like every other. A copy as it stood goes to the backups, too. Does nothing
 * on a host that has a current release.
 */
export function keepOriginal(args: OriginalArguments): Operation {
  const { paths, links } = args
  const question = ask(fileState, { path: paths.current })
  return {
    subject: `${paths.releases}/${ORIGINAL_RELEASE}`,
    questions: [question],
    decide(answers) {
      const now = answers.to(question)
      if (now.type === 'link') return { kind: 'ok', reason: 'gw has published here before' }
      if (now.type !== 'absent') return occupied(paths.current, now, 'link')
      return {
        kind: 'change',
        summary: `keep what stands at ${links.map(({ path }) => path).join(', ')}`,
        script: keepScript(args),
        touches: [paths.current],
      }
    },
  }
}

/** Until the last step nothing leads to what is made here, and a run that was killed is begun anew. */
function keepScript({ paths, links, backups = BACKUPS_FOLDER }: OriginalArguments): Script {
  const original = `${paths.releases}/${ORIGINAL_RELEASE}`
  const [staged, stagedBackup] = [stagedPath(original), `${backups}/.original.gw-staged`]
  return lines([
    sh`
      set -eu
      umask 022
      mkdir -p -- ${paths.releases}
      umask 077
      mkdir -p -- ${backups}
      rm -rf -- ${[staged, stagedBackup, original]}
      mkdir -- ${[staged, stagedBackup]}
      chmod 0755 -- ${staged}
      found=`,
    ...links.map(({ path, target }) =>
      keep({
        path,
        target,
        copy: `${staged}/${posix.relative(paths.current, target)}`,
        backup: `${stagedBackup}${path}`,
      }),
    ),
    sh`
      sync -f -- ${[staged, stagedBackup]}
      if [ -n "$found" ]; then
        mv -T -- ${stagedBackup} ${backups}/"$(date -u +%Y%m%dT%H%M%SZ)"-original
      else
        rmdir -- ${stagedBackup}
      fi
      mv -T -- ${staged} ${original}
      sync -- ${[backups, paths.releases]}`,
    leadTo(paths.current, sh`${original}`),
    sh`sync -- ${paths.root}`,
  ])
}

interface Kept {
  readonly path: string
  readonly target: string
  readonly copy: string
  readonly backup: string
}

/** Whoever could not look into a folder cannot look into its copy. gw's own link is nothing to keep. A relative link leads elsewhere from another folder, so the copy's is absolute. */
function keep({ path, target, copy, backup }: Kept): Script {
  return sh`
    leads_to=$(readlink -- ${path}) || leads_to=
    if { [ -e ${path} ] || [ -L ${path} ]; } && [ "$leads_to" != ${target} ]; then
      mkdir -p -- ${[posix.dirname(copy), posix.dirname(backup)]}
      chmod --reference=${posix.dirname(path)} -- ${posix.dirname(copy)}
      cp -a -- ${path} ${backup}
      case $leads_to in
        '' | /*) cp -a -- ${path} ${copy} ;;
        *) ln -s -- ${posix.dirname(path)}/"$leads_to" ${copy} ;;
      esac
      found=yes
    fi`
}
