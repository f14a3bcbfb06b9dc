import { ask } from '../facts/fact.js'
import { type FileState, fileState } from '../facts/file.js'
import { Secret } from '../model/secret.js'
import { type Script, lines, sh } from '../shell/script.js'
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
import { replaceFile, sha256Of } from './replacement.js'

export interface FileArguments extends OwnershipArguments {
  readonly path: string
  /** A secret is never fetched, shown or compared in a diff. */
  readonly content: string | Secret
  /** A command that judges the new version where it is staged, before it takes the place of the old one. */
  readonly test?: (staged: string) => Script
}

interface Wanted {
  readonly path: string
  readonly text: string
  readonly sha256: string
  readonly secret: Secret | null
  readonly ownership: Ownership
  readonly test?: (staged: string) => Script
}

/**
 * A file with this content; mode 0644 unless said (0600 for a secret), of root. A link at the path is replaced by the
 * file; its target stays as it is.
 * @throws GwError VALUE_REFUSED
 */
export function file(args: FileArguments): Operation {
  const secret = args.content instanceof Secret ? args.content : null
  const text = args.content instanceof Secret ? args.content.reveal() : args.content
  const wanted: Wanted = {
    path: checked('path', 'file.path', args.path),
    text,
    sha256: sha256Of(text),
    secret,
    ownership: ownershipOf('file', args, secret === null ? '0644' : '0600'),
    ...(args.test === undefined ? {} : { test: args.test }),
  }
  const question = ask(fileState, {
    path: wanted.path,
    ...(secret === null ? { expectSha256: [wanted.sha256] } : {}),
  })
  return {
    subject: wanted.path,
    questions: [question],
    decide: (answers) => decide(answers.to(question), wanted),
  }
}

function decide(now: FileState, wanted: Wanted): Decision {
  if (now.type === 'absent') return replacing(now, wanted, [`create, ${describeOwnership(wanted.ownership)}`])
  if (now.type === 'link') {
    return replacing(now, wanted, [`replace the link to ${JSON.stringify(now.target)} by a file`])
  }
  if (now.type !== 'file') return occupied(wanted.path, now, 'file')
  const changes = ownershipChanges(now, wanted.ownership)
  if (now.sha256 !== wanted.sha256) {
    return replacing(now, wanted, [
      wanted.secret === null ? 'content differs' : 'content differs (secret)',
      ...changes,
    ])
  }
  if (changes.length === 0) return { kind: 'ok', reason: 'content, mode and owner are as wanted' }
  const script = lines([sh`set -eu`, setOwnership(wanted.path, wanted.ownership)])
  return { kind: 'change', summary: changes.join(', '), script }
}

function replacing(now: FileState, wanted: Wanted, changes: readonly string[]): Decision {
  const before = now.type === 'file' ? now.content : null
  // Without the old text (too large, or not text) a diff would claim that the whole file is new.
  const showable = wanted.secret === null && (now.type !== 'file' || before !== null)
  return {
    kind: 'change',
    summary: changes.join(', '),
    script: replaceFile(wanted),
    input: Buffer.from(wanted.text),
    ...(wanted.secret === null ? {} : { secrets: [wanted.secret] }),
    ...(showable ? { diffs: [{ path: wanted.path, before, after: wanted.text }] } : {}),
  }
}
