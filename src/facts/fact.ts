import type { Script } from '../shell/script.js'

/**
 * A kind of read-only question to a host. All arguments that a play asks about go into one snippet, so that a hundred
 * files cost one `stat` and one `sha256sum`.
 */
export interface Fact<Argument, Answer> {
  readonly name: string
  /** A read-only snippet that answers for all `args`; its standard output, at most 4 MiB, goes to `parse`. */
  script(args: readonly Argument[]): Script
  /**
   * Pure: the answers in the order of `args`.
   * @throws Error when the output is not what the snippet prints; the engine reports it as REPLY_GARBLED.
   */
  parse(output: string, args: readonly Argument[]): readonly Answer[]
}

/** One question: a fact and what it is asked about. */
export interface Question<Answer> {
  readonly fact: Fact<unknown, Answer>
  readonly argument: unknown
  /** Two questions with the same key have the same answer. */
  readonly key: string
}

/** The answers of one host. */
export interface Answers {
  to<Answer>(question: Question<Answer>): Answer
}

/** Asks `fact` about `argument` (plain JSON data). */
export function ask<Argument, Answer>(fact: Fact<Argument, Answer>, argument: Argument): Question<Answer> {
  // The engine hands a fact only the arguments of its own questions, so forgetting the type here is safe.
  return { fact, argument, key: `${fact.name} ${JSON.stringify(argument)}` }
}
