import type { Duplex } from 'node:stream'
import { whenAborted } from '../connection/abort.js'
import { ForwardingForbidden } from '../connection/connection.js'
import { within } from '../connection/deadline.js'
import { GwError } from '../errors.js'
import type { Open } from './open.js'
import type { Probe, ProbeFailure } from './probe.js'

/** What ends an attempt without an answer; its message is safe to show. */
export class Unanswered extends Error {
  constructor(
    readonly failure: ProbeFailure,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause })
  }
}

/**
 * Opens a connection and talks over it, all within `timeoutMs`. Whatever was opened is destroyed at the end, also what opens
 * only when the time is over.
 * @throws GwError what says nothing about the address: CONNECTION_LOST, INTERRUPTED
 */
export async function attempt<Answer>(
  open: Open,
  timeoutMs: number,
  talk: (stream: Duplex) => Promise<Answer>,
): Promise<Probe<Answer>> {
  const late = (): Error => new Unanswered('late', `nothing whole within ${timeoutMs} ms`)
  const bounds = { ms: timeoutMs, signal: undefined, late, interrupted: late }
  try {
    return { answer: await within(bounds, (signal) => talkOver(open, talk, signal)) }
  } catch (error) {
    return failureOf(error)
  }
}

async function talkOver<Answer>(
  open: Open,
  talk: (stream: Duplex) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const stream = await open(signal)
  const drop = (): void => {
    stream.destroy()
  }
  // The talk hears of it by the end of the stream.
  stream.on('error', () => undefined)
  whenAborted(signal, drop)
  try {
    signal.throwIfAborted()
    return await talk(stream)
  } finally {
    drop()
  }
}

function failureOf(error: unknown): { readonly failure: ProbeFailure; readonly why: string } {
  if (error instanceof Unanswered) return { failure: error.failure, why: error.message }
  if (error instanceof ForwardingForbidden) return { failure: 'forbidden', why: error.message }
  if (error instanceof GwError && error.code === 'CONNECTION_REFUSED')
    return { failure: 'unreachable', why: error.message }
  if (error instanceof GwError && error.code === 'DEADLINE_PASSED')
    return { failure: 'late', why: error.message }
  throw error
}
