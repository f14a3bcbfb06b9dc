import { errnoCode } from '../errors.js'
import type { WebAnswer } from '../probe/probe.js'
import { healthIn } from '../release/health-answer.js'
import { cleanLine } from '../shell/clean.js'
import type { Failure } from './sample.js'

/** What ends a request without a healthy gateway's answer. */
export class Unserved extends Error {
  constructor(
    readonly failure: Failure,
    cause?: unknown,
  ) {
    super(failure, { cause })
  }
}

const BY_CODE: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  // This machine has no more of something.
  EMFILE: 'unsent',
  ENFILE: 'unsent',
  ENOBUFS: 'unsent',
  ENOMEM: 'unsent',
  EADDRNOTAVAIL: 'unsent',
}

/** What the system's code says of an error, and `otherwise` for one that it says nothing of. */
export function unserved(error: unknown, otherwise: Failure): Unserved {
  return error instanceof Unserved ? error : new Unserved(BY_CODE[errnoCode(error)] ?? otherwise, error)
}

const LONGEST_NODE = 253

/** Which gateway answered that it is well; null where it does not say. @throws Unserved `answer` */
export function nodeIn(answer: WebAnswer): string | null {
  const health = healthIn(answer)
  if ('instead' in health) throw new Unserved('answer', health.instead)
  return health.node === null ? null : cleanLine(health.node.slice(0, LONGEST_NODE))
}
