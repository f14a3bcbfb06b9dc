import type { SourcePlace } from './model/source.js'

/** Exit codes of the command line; part of the stable surface. */
export const EXIT = {
  done: 0,
  internal: 1,
  usage: 2,
  hostFailed: 3,
  unreachable: 4,
  verdictFail: 5,
  rolledBack: 6,
  lockHeld: 7,
  changesFound: 8,
  inconclusive: 9,
  interrupted: 130,
} as const

/** What each exit code says, for the documentation. */
export const EXIT_MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  done: 'done, or nothing to do',
  internal: "a fault of gw's own",
  usage: 'usage or inventory wrong',
  hostFailed: 'a host failed',
  unreachable: 'a host could not be reached',
  verdictFail: 'a verdict is fail',
  rolledBack: 'rolled back automatically, the fleet is safe',
  lockHeld: 'the lock is held',
  changesFound: '`plan` or `--check` found changes',
  inconclusive: 'a verdict is inconclusive',
  interrupted: 'interrupted, or the plan was not accepted',
}

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Every kind of error with the exit code that it leads to. The names are part of the stable surface. */
export const ERROR_EXIT_CODES = {
  INTERNAL: EXIT.internal,

  USAGE: EXIT.usage,
  QUESTION_WITHOUT_TERMINAL: EXIT.usage,
  INVENTORY_NOT_FOUND: EXIT.usage,
  INVENTORY_INVALID: EXIT.usage,
  UNKNOWN_HOST_OR_GROUP: EXIT.usage,
  SECRET_UNAVAILABLE: EXIT.usage,
  CERTIFICATE_INVALID: EXIT.usage,
  PLAYBOOK_INVALID: EXIT.usage,
  VALUE_REFUSED: EXIT.usage,
  LAB_UNAVAILABLE: EXIT.usage,
  RELEASE_UNKNOWN: EXIT.usage,
  RELEASE_EXISTS: EXIT.usage,
  BACKUP_UNKNOWN: EXIT.usage,
  NO_RUN_TO_RESUME: EXIT.usage,

  TASK_FAILED: EXIT.hostFailed,
  TASK_BLOCKED: EXIT.hostFailed,
  COMMAND_FAILED: EXIT.hostFailed,
  COMMAND_TIMED_OUT: EXIT.hostFailed,
  BECOME_REFUSED: EXIT.hostFailed,
  OUTPUT_TOO_LARGE: EXIT.hostFailed,
  REPLY_GARBLED: EXIT.hostFailed,
  REPLY_LATE: EXIT.hostFailed,
  LAB_FAILED: EXIT.hostFailed,
  LOCK_LOST: EXIT.hostFailed,
  DRIFT_FOUND: EXIT.hostFailed,
  PEER_UNFIT: EXIT.hostFailed,
  RELEASE_NOT_STARTABLE: EXIT.hostFailed,
  RELEASE_NOT_SERVED: EXIT.hostFailed,
  RELOAD_NOT_EFFECTIVE: EXIT.hostFailed,
  RELEASE_UNSETTLED: EXIT.hostFailed,
  BACKUP_DAMAGED: EXIT.hostFailed,
  HANDOVER_INCOMPLETE: EXIT.hostFailed,
  DRILL_NOT_UNDONE: EXIT.hostFailed,

  NAME_NOT_RESOLVED: EXIT.unreachable,
  CONNECTION_REFUSED: EXIT.unreachable,
  HOST_KEY_UNKNOWN: EXIT.unreachable,
  HOST_KEY_CHANGED: EXIT.unreachable,
  HOST_KEY_REVOKED: EXIT.unreachable,
  AUTHENTICATION_FAILED: EXIT.unreachable,
  CONNECTION_LOST: EXIT.unreachable,
  DEADLINE_PASSED: EXIT.unreachable,

  NOT_STEADY: EXIT.verdictFail,
  DRILL_DEVIATED: EXIT.verdictFail,
  DRILL_INCONCLUSIVE: EXIT.inconclusive,

  RELEASE_REVERTED: EXIT.rolledBack,
  DRILL_ABORTED: EXIT.rolledBack,
  HANDOVER_UNDONE: EXIT.rolledBack,
  LOCK_HELD: EXIT.lockHeld,

  CHANGES_DECLINED: EXIT.interrupted,
  INTERRUPTED: EXIT.interrupted,
} as const satisfies Record<string, ExitCode>

export type ErrorCode = keyof typeof ERROR_EXIT_CODES

export interface ErrorDetails {
  /** Name of the host that it happened on. */
  readonly host?: string
  /** The place in a user's file. */
  readonly at?: SourcePlace
  /** Lines of the user's file around `at`, ready to print, or output of a host (already cleaned). */
  readonly frame?: string
  /** What to type next, one command or sentence each, the likeliest first. */
  readonly nextSteps?: readonly string[]
  readonly cause?: unknown
}

/**
 * An error that a user can act on. `message` says what failed and why, in one sentence without the host's name
 * (the `host` field has it). Anything that is not a GwError is a fault of gw's own.
 */
export class GwError extends Error {
  override readonly name = 'GwError'
  readonly code: ErrorCode
  readonly exitCode: ExitCode
  readonly host: string | undefined
  readonly at: SourcePlace | undefined
  readonly frame: string | undefined
  readonly nextSteps: readonly string[]

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.exitCode = ERROR_EXIT_CODES[code]
    this.host = details.host
    this.at = details.at
    this.frame = details.frame
    this.nextSteps = details.nextSteps ?? []
  }

  /** The same error with one more thing to type next, after all others. */
  withNextStep(step: string): GwError {
    return this.withNextSteps([...this.nextSteps, step])
  }

  /** The same error with other things to type next. */
  withNextSteps(nextSteps: readonly string[]): GwError {
    const { code, message, host, at, frame, cause } = this
    return new GwError(code, message, {
      ...(host === undefined ? {} : { host }),
      ...(at === undefined ? {} : { at }),
      ...(frame === undefined ? {} : { frame }),
      nextSteps,
      cause,
    })
  }
}

/** Whether nothing is known of a host because it could not be reached, or not any more. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof GwError && error.exitCode === EXIT.unreachable
}

/** The system's name of a failure (`ECONNREFUSED`, `ENOENT`, ...), `unknown` for an error without one. */
export function errnoCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}
