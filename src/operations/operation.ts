import type { ErrorCode } from '../errors.js'
import type { Answers, Question } from '../facts/fact.js'
import type { Secret } from '../model/secret.js'
import type { Script } from '../shell/script.js'

/** A change of a text, shown as a unified diff; `null` stands for a file that is not there. */
export interface TextChange {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

/**
 * What an operation makes of the facts. `ok`: nothing to do, and why. `change`: what to do, as a script run as root
 * with `input` (exactly these bytes) on its standard input. `blocked`: it cannot be done, why, and what helps.
 */
export type Decision =
  | { readonly kind: 'ok'; readonly reason: string }
  | {
      readonly kind: 'change'
      /** One line: what will be different, e.g. "install nginx", "mode 0644 -> 0600". */
      readonly summary: string
      readonly script: Script
      readonly input?: Uint8Array
      /** What of `input`, or of the host's own files, is taken out of whatever the script prints. */
      readonly secrets?: readonly Secret[]
      /** One for each text that changes and may be shown. */
      readonly diffs?: readonly TextChange[]
      /** What it changes besides its operation's subject. */
      readonly touches?: readonly string[]
      /** The kinds of error that exit statuses of the script stand for; any other status is TASK_FAILED. */
      readonly failures?: Readonly<Record<number, ErrorCode>>
    }
  | {
      readonly kind: 'blocked'
      readonly reason: string
      readonly nextSteps: readonly string[]
      /** The kind of error that it is; without it TASK_BLOCKED. */
      readonly code?: ErrorCode
      /** What is in the way, where that is a change of a text. */
      readonly diffs?: readonly TextChange[]
    }

/** What the tasks before this one in the same play will change on this host, by path or unit ("nginx.service"). */
export interface Upcoming {
  changes(subject: string): boolean
}

/** A desired state of one thing on a host. Pure: the same answers give the same decision. */
export interface Operation {
  /** What it is about: a path, a package, a unit; other operations refer to it by this. */
  readonly subject: string
  readonly questions: readonly Question<unknown>[]
  decide(answers: Answers, upcoming: Upcoming): Decision
}
