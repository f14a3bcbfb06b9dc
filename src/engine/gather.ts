import { GwError } from '../errors.js'
import type { Answers, Fact, Question } from '../facts/fact.js'
import { frame, framesWithText } from '../shell/frames.js'
import type { HostSession, SessionLimits } from './session.js'

/** The questions about one fact, without repetitions. */
interface Inquiry {
  readonly fact: Fact<unknown, unknown>
  readonly questions: readonly Question<unknown>[]
}

const LIMITS = { deadlineMs: 60_000, maxOutputBytes: 16 * 1024 * 1024 }

/** Asks a host all questions in one program and one round trip; what is `known` is not asked again. */
export async function gather(
  session: HostSession,
  questions: readonly Question<unknown>[],
  signal?: AbortSignal,
  known: GatheredAnswers = new GatheredAnswers(),
): Promise<GatheredAnswers> {
  const inquiries = groupByFact(questions.filter((question) => !known.has(question)))
  if (inquiries.length === 0) return known
  const outputs: string[] = []
  const limits: SessionLimits = signal === undefined ? LIMITS : { ...LIMITS, signal }
  const listener = framesWithText((_words, text) => {
    outputs.push(text)
  })
  await session.run({ text: compileInquiries(inquiries) }, listener, limits)
  return known.with(readAnswers(session.host.name, inquiries, outputs))
}

/** Pure: the program that answers all inquiries, one frame after each. */
export function compileInquiries(inquiries: readonly Inquiry[]): string {
  return inquiries
    .map(({ fact, questions }) => {
      const script = fact.script(questions.map((question) => question.argument))
      return `(\n${script.text}\n) 2>/dev/null\n${frame('fact')}`
    })
    .join('\n')
}

export function groupByFact(questions: readonly Question<unknown>[]): Inquiry[] {
  const groups = new Map<string, Map<string, Question<unknown>>>()
  for (const question of questions) {
    const group = groups.get(question.fact.name) ?? new Map<string, Question<unknown>>()
    group.set(question.key, question)
    groups.set(question.fact.name, group)
  }
  return [...groups.values()].flatMap((group) => {
    const [first, ...rest] = group.values()
    return first === undefined ? [] : [{ fact: first.fact, questions: [first, ...rest] }]
  })
}

/** Answers by the keys of their questions. */
export class GatheredAnswers implements Answers {
  readonly #answers: ReadonlyMap<string, unknown>

  constructor(answers: ReadonlyMap<string, unknown> = new Map()) {
    this.#answers = answers
  }

  has(question: Question<unknown>): boolean {
    return this.#answers.has(question.key)
  }

  with(more: ReadonlyMap<string, unknown>): GatheredAnswers {
    return new GatheredAnswers(new Map([...this.#answers, ...more]))
  }

  to<Answer>(question: Question<Answer>): Answer {
    if (!this.has(question)) throw new Error(`an operation reads a fact it did not ask for: ${question.key}`)
    // The key names the fact and its argument, and that fact's own parser made the answer.
    return this.#answers.get(question.key) as Answer
  }
}

function readAnswers(
  host: string,
  inquiries: readonly Inquiry[],
  outputs: readonly string[],
): Map<string, unknown> {
  const answers = new Map<string, unknown>()
  inquiries.forEach((inquiry, index) => {
    const parsed = parseOutput(host, inquiry, outputs[index] ?? '')
    inquiry.questions.forEach((question, at) => answers.set(question.key, parsed[at]))
  })
  return answers
}

function parseOutput(host: string, { fact, questions }: Inquiry, output: string): readonly unknown[] {
  try {
    return fact.parse(
      output,
      questions.map((question) => question.argument),
    )
  } catch (cause) {
    throw new GwError('REPLY_GARBLED', `the host's answer about ${fact.name} makes no sense`, {
      host,
      cause,
      nextSteps: ['Run the command again with -v; nothing was changed on this host.'],
    })
  }
}
