import { GwError } from '../errors.js'
import type { Answers, Question } from '../facts/fact.js'
import type { Host } from '../model/host.js'
import { gather } from './gather.js'
import { inTurns } from './in-turns.js'
import { HostSession, type Reach } from './session.js'

export interface AskOptions {
  readonly reach: Reach
  /** How many hosts are asked at once. */
  readonly forks: number
  /** Ends the asking; hosts that have not answered by then are INTERRUPTED. */
  readonly signal: AbortSignal
}

/**
 * Asks hosts and changes nothing: one connection and one round trip each. A host that cannot be asked has its error in
 * place of answers and does not touch the others. In the order of `hosts`, by name.
 */
export async function askHosts(
  hosts: readonly Host[],
  questionsFor: (host: Host) => readonly Question<unknown>[],
  options: AskOptions,
): Promise<ReadonlyMap<string, Answers | GwError>> {
  const answers = await inTurns(
    hosts,
    options.forks,
    async (host) => [host.name, await askHost(host, questionsFor(host), options)] as const,
  )
  return new Map(answers)
}

async function askHost(
  host: Host,
  questions: readonly Question<unknown>[],
  { reach, signal }: AskOptions,
): Promise<Answers | GwError> {
  const session = new HostSession(host, reach)
  try {
    return await gather(session, questions, signal)
  } catch (error) {
    if (error instanceof GwError) return error
    throw error
  } finally {
    await session.close()
  }
}
