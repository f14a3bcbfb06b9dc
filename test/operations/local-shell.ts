import { spawn } from 'node:child_process'
import type { Answers, Fact, Question } from '../../src/facts/fact.js'
import type { Decision, Operation, Upcoming } from '../../src/operations/operation.js'
import type { Script } from '../../src/shell/script.js'

export interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export const NOTHING_UPCOMING: Upcoming = { changes: () => false }

/** Runs a script the way a host does: by /bin/sh, with exactly `input` on its standard input. */
export function run(
  script: Script,
  input: Uint8Array = new Uint8Array(),
  shell = ['/bin/sh'],
): Promise<Ended> {
  const [command = '', ...args] = shell
  const child = spawn(command, [...args, '-c', script.text], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  })
  return new Promise((resolve, reject) => {
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    // A script that ends before it has read its input closes the pipe; its exit status tells what matters.
    child.stdin.on('error', () => undefined)
    child.on('error', reject)
    child.on('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr })
    })
    child.stdin.end(input)
  })
}

/** Asks one kind of fact about `args`. */
export async function answersOf<Argument, Answer>(
  fact: Fact<Argument, Answer>,
  args: readonly Argument[],
  shell?: string[],
): Promise<readonly Answer[]> {
  const { stdout } = await run(fact.script(args), new Uint8Array(), shell)
  return fact.parse(stdout, args)
}

async function answersTo(questions: readonly Question<unknown>[], shell?: string[]): Promise<Answers> {
  const known = new Map<string, unknown>()
  for (const fact of new Set(questions.map((question) => question.fact))) {
    const own = questions.filter((question) => question.fact === fact)
    const answers = await answersOf(
      fact,
      own.map((question) => question.argument),
      shell,
    )
    own.forEach((question, index) => known.set(question.key, answers[index]))
  }
  return { to: <Answer>(question: Question<Answer>) => known.get(question.key) as Answer }
}

/** Asks this machine what the operation wants to know and lets it decide. */
export async function decideHere(
  operation: Operation,
  upcoming = NOTHING_UPCOMING,
  shell?: string[],
): Promise<Decision> {
  return operation.decide(await answersTo(operation.questions, shell), upcoming)
}

/** Does what a change asks for. `input` stands for a connection that delivers something else than it should. */
export async function applyHere(decision: Decision, input?: Uint8Array, shell?: string[]): Promise<Ended> {
  if (decision.kind !== 'change') throw new Error(`there is nothing to apply: ${decision.reason}`)
  return run(decision.script, input ?? decision.input, shell)
}
