import { posix } from 'node:path'
import { ask } from '../facts/fact.js'
import { type FileState, fileState } from '../facts/file.js'
import { lines, sh } from '../shell/script.js'
import { checked } from './argument.js'
import { occupied } from './occupied.js'
import type { Decision, Operation } from './operation.js'
import {
  type Ownership,
  type OwnershipArguments,
  describeOwnership,
  ownershipChanges,
  ownershipOf,
  setOwnership,
} from './ownership.js'

interface DirectoryArguments extends OwnershipArguments {
  readonly path: string
}

/**
 * A directory, with its parents (which get mode 0755); mode 0755 unless said, of root.
 * @throws GwError VALUE_REFUSED
 */
export function directory(args: DirectoryArguments): Operation {
  const path = checked('path', 'directory.path', args.path)
  const ownership = ownershipOf('directory', args, '0755')
  const question = ask(fileState, { path })
  return {
    subject: path,
    questions: [question],
    decide: (answers) => decide(answers.to(question), path, ownership),
  }
}

function decide(now: FileState, path: string, wanted: Ownership): Decision {
  if (now.type === 'absent') {
    return {
      kind: 'change',
      summary: `create, ${describeOwnership(wanted)}`,
      // An earlier task may have made the directory since the facts were asked. It is closed until its owner is right.
      script: lines([
        sh`
          set -eu
          mkdir -p -- ${posix.dirname(path)}
          [ -d ${path} ] || mkdir -m 0700 -- ${path}`,
        setOwnership(path, wanted),
      ]),
    }
  }
  if (now.type !== 'directory') return occupied(path, now, 'directory')
  const changes = ownershipChanges(now, wanted)
  if (changes.length === 0) return { kind: 'ok', reason: 'the directory is there, with this mode and owner' }
  return {
    kind: 'change',
    summary: changes.join(', '),
    script: lines([sh`set -eu`, setOwnership(path, wanted)]),
  }
}
