import { ask } from '../facts/fact.js'
import { type FileState, fileState } from '../facts/file.js'
import { lines, sh } from '../shell/script.js'
import { checked } from './argument.js'
import { occupied } from './occupied.js'
import type { Decision, Operation } from './operation.js'
import { publishStaged, refuseDirectory, claimStaged, stagedPath } from './replacement.js'

interface LinkArguments {
  readonly path: string
  /** Written into the link as it stands; a relative one counts from the link's own directory. Need not exist. */
  readonly target: string
}

/**
 * A symbolic link. A link or file at the path is replaced in one step, a directory never.
 * @throws GwError VALUE_REFUSED
 */
export function link(args: LinkArguments): Operation {
  const path = checked('path', 'link.path', args.path)
  const target = checked('target', 'link.target', args.target)
  const question = ask(fileState, { path })
  return {
    subject: path,
    questions: [question],
    decide: (answers) => decide(answers.to(question), path, target),
  }
}

function decide(now: FileState, path: string, target: string): Decision {
  if (now.type === 'absent') return making(path, target, `create, to ${target}`)
  if (now.type === 'file') return making(path, target, `replace the file by a link to ${target}`)
  if (now.type === 'link') {
    if (now.target === target) return { kind: 'ok', reason: `the link leads to ${target}` }
    return making(path, target, `target ${JSON.stringify(now.target)} -> ${JSON.stringify(target)}`)
  }
  return occupied(path, now, 'link')
}

function making(path: string, target: string, summary: string): Decision {
  const script = lines([
    sh`set -eu`,
    refuseDirectory(path),
    claimStaged(path),
    sh`ln -s -- ${target} ${stagedPath(path)}`,
    publishStaged(path),
  ])
  return { kind: 'change', summary, script }
}
