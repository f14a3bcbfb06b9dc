import { GwError } from '../errors.js'
import type { Host } from '../model/host.js'
import { cleanText } from '../shell/clean.js'
import { frame, framesWithText } from '../shell/frames.js'
import type { Script } from '../shell/script.js'
import { type Guard, guardPrelude } from './guard.js'
import { readFenced } from './lock/scripts.js'
import { HostSession, type Reach } from './session.js'

export interface FreshProgram {
  readonly host: Host
  readonly reach: Reach
  readonly script: Script
  /** Null for a script that is safe without: one that only undoes what its own run did. */
  readonly guard: Guard | null
  /** How long it may take once the host is reached. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

/** Something else that changes the host is at work there; nothing was changed. */
export class HostBusy extends GwError {}

const MAX_OUTPUT_BYTES = 256 * 1024

/**
 * Runs a script over a connection made for it, which so proves that the host can still be reached. Answers what it printed.
 * @throws GwError TASK_FAILED with what it printed when its status is not 0, LOCK_LOST, or why there was no connection
 */
export async function runOverFreshConnection(program: FreshProgram): Promise<string> {
  const { host, reach, script, guard, deadlineMs, signal } = program
  const session = new HostSession(host, reach)
  let end: { readonly status: number; readonly output: string } | undefined
  let fenced: GwError | undefined
  const listener = framesWithText(([kind, ...words], text) => {
    if (kind === 'fenced') fenced = fencedOff(host.name, [kind, ...words])
    else if (kind === 'end')
      end = { status: Number(words[0]), output: cleanText(session.redact(text)).trim() }
  })
  try {
    const text = `${guardPrelude(guard)}\n(\n${script.text}\n) 2>&1\n${frame('end "$?"')}`
    await session.run({ text }, listener, { deadlineMs, maxOutputBytes: MAX_OUTPUT_BYTES, signal })
  } finally {
    await session.close()
  }
  if (fenced !== undefined) throw fenced
  if (end?.status === 0) return end.output
  throw new GwError('TASK_FAILED', `it failed with status ${end?.status ?? 'unknown'}`, {
    host: host.name,
    ...(end === undefined || end.output === '' ? {} : { frame: end.output }),
    nextSteps: ['gw status ENV shows where the hosts stand.'],
  })
}

function fencedOff(host: string, words: readonly string[]): GwError {
  const error = readFenced(host, words)
  const { code, message, nextSteps } = error
  return words[1] === 'busy' ? new HostBusy(code, message, { host, nextSteps }) : error
}
