import type { Question } from '../../src/facts/fact.js'
import { Secret } from '../../src/model/secret.js'
import { absent } from '../../src/operations/absent.js'
import { command } from '../../src/operations/command.js'
import { directory } from '../../src/operations/directory.js'
import { file } from '../../src/operations/file.js'
import { link } from '../../src/operations/link.js'
import type { Decision, Operation } from '../../src/operations/operation.js'
import { aptPackage } from '../../src/operations/package.js'
import { sysctl } from '../../src/operations/sysctl.js'
import { unit } from '../../src/operations/unit.js'
import { user } from '../../src/operations/user.js'
import { redact } from '../../src/shell/redact.js'
import { Script, sh } from '../../src/shell/script.js'

/**
 * One file under test/cases/operations/<operation>/. In `arguments`, `{ "secret": text }` stands for a secret and
 * `{ "script": text }` for a script; `test` is the script that runs with the staged path after it.
 */
export interface OperationCase {
  readonly arguments: Readonly<Record<string, unknown>>
  /** Answers in the order of the operation's questions. */
  readonly answers: readonly unknown[]
  /** Subjects that earlier tasks change. */
  readonly upcoming?: readonly string[]
  /** The decision; its script is the file of the same name with the ending .sh. */
  readonly decision: { readonly kind: string; readonly input?: string }
}

/** JSON gives the types of the operations' arguments only by their names; each operation checks their values. */
const OPERATIONS: Readonly<Record<string, (args: never) => Operation>> = {
  absent,
  aptPackage,
  command,
  directory,
  file,
  link,
  sysctl,
  unit,
  user,
}

export function decideCase(operation: string, given: OperationCase): Decision {
  const make = OPERATIONS[operation]
  if (make === undefined) throw new Error(`there is no operation ${operation}`)
  const made = make(argumentsOf(given.arguments) as never)
  const { questions } = made
  if (questions.length !== given.answers.length) {
    throw new Error(
      `${operation} asks ${questions.length} questions, the case answers ${given.answers.length}`,
    )
  }
  const known = new Map(questions.map((question, index) => [question.key, given.answers[index]]))
  return made.decide(
    { to: <Answer>(question: Question<Answer>) => known.get(question.key) as Answer },
    { changes: (subject) => given.upcoming?.includes(subject) ?? false },
  )
}

function argumentsOf(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => {
      if (name === 'test') return [name, (staged: string) => sh`${new Script(String(value))} ${staged}`]
      if (typeof value !== 'object' || value === null) return [name, value]
      if ('secret' in value) return [name, new Secret(String(value.secret))]
      return [name, 'script' in value ? new Script(String(value.script)) : value]
    }),
  )
}

/** What a case file says about a decision: everything but the script, secrets by their mask. */
export function describeDecision(decision: Decision): unknown {
  if (decision.kind !== 'change') return decision
  const { kind, summary, input, secrets = [], diffs, touches } = decision
  const shown = redact(
    Buffer.from(input ?? []).toString(),
    secrets.map((secret) => secret.reveal()),
  )
  return {
    kind,
    summary,
    ...(input === undefined ? {} : { input: shown }),
    ...(diffs === undefined ? {} : { diffs }),
    ...(touches === undefined ? {} : { touches }),
  }
}
