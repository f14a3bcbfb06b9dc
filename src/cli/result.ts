import { EXIT, type ErrorCode, type ExitCode, type GwError } from '../errors.js'
import type { Outcome } from '../model/outcome.js'
import type { TextChange } from '../operations/operation.js'
import { cleanText } from '../shell/clean.js'
import { unifiedDiff } from '../ui/diff.js'
import type { HostReport, RunReport } from '../engine/report.js'

/** A host as `--json` shows it; a change's `diff` is unified text, of one file after the other. */
export interface HostResult {
  readonly outcome: Outcome
  readonly changes: readonly { readonly task: string; readonly summary: string; readonly diff?: string }[]
  /** Absent when nothing went wrong on the host. `output` is what the host printed about it. */
  readonly error?: HostError
}

export interface HostError {
  readonly code: ErrorCode
  readonly message: string
  readonly output?: string
}

/** What a command hands to the base command: its exit code, its text for people, its data for `--json`. */
export interface CommandResult {
  readonly exitCode: ExitCode
  readonly environment: string | null
  /** Printed on stdout without `--json`; empty for nothing. */
  readonly text: string
  readonly run?: string
  readonly hosts?: Readonly<Record<string, HostResult>>
  readonly warnings?: readonly string[]
  /** Printed on stderr without `--json`; the one that the exit code speaks of is the envelope's `error`. */
  readonly errors?: readonly GwError[]
  /** What this command adds to the envelope. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** The one object that `--json` prints. Its keys are the same whether the command succeeded or not. */
export function envelope(
  command: string,
  result: CommandResult,
  durationMs: number,
): Record<string, unknown> {
  const error = decisiveError(result)
  return {
    schemaVersion: 1,
    command,
    environment: result.environment,
    ok: result.exitCode === EXIT.done,
    exitCode: result.exitCode,
    run: result.run ?? null,
    durationMs: Math.round(durationMs),
    hosts: result.hosts ?? {},
    warnings: result.warnings ?? [],
    error: error === undefined ? null : errorObject(error),
    ...result.data,
  }
}

/** The error that the exit code speaks of; every host's own stands with the host. */
export function decisiveError({ errors, exitCode }: CommandResult): GwError | undefined {
  return errors?.find((error) => error.exitCode === exitCode) ?? errors?.[0]
}

function errorObject(error: GwError): Record<string, unknown> {
  const { code, host, at, nextSteps } = error
  const message = cleanText(error.message)
  return {
    code,
    message,
    ...(host === undefined ? {} : { host }),
    ...(at === undefined ? {} : { at }),
    nextSteps,
  }
}

/** An error as it stands with its host; for spreading into a host's result. */
export function hostError(error: GwError | null): { error?: HostError } {
  if (error === null) return {}
  const { code, message, frame } = error
  return {
    error: {
      code,
      message: cleanText(message),
      ...(frame === undefined ? {} : { output: cleanText(frame) }),
    },
  }
}

/** The hosts of a run as `--json` shows them. */
export function hostResults(report: RunReport): Record<string, HostResult> {
  return Object.fromEntries(
    report.hosts.map((host) => [
      host.host,
      { outcome: host.outcome, changes: changesOf(host), ...hostError(host.error) },
    ]),
  )
}

function changesOf(host: HostReport): HostResult['changes'] {
  return host.tasks
    .filter(({ outcome }) => outcome === 'changed' || outcome === 'failed')
    .map(({ task, summary, diffs = [] }) => ({ task, summary, ...diffText(diffs) }))
}

function diffText(diffs: readonly TextChange[]): { diff?: string } {
  return diffs.length === 0 ? {} : { diff: diffs.map(unifiedDiff).join('\n') }
}

/** The exit code of a run: interrupted, then gone back as a whole, then what hosts' errors say, then changes that check mode found. */
export function exitCodeOf(report: RunReport, changed: number): ExitCode {
  if (report.interrupted || report.declined) return EXIT.interrupted
  if (report.end === 'reverted') return EXIT.rolledBack
  const worst = gravestExit(report.hosts.map(({ error }) => error))
  return worst === EXIT.done && report.check && changed > 0 ? EXIT.changesFound : worst
}

/**
 * The exit code that stands for the errors of several hosts, null for a host without one: what is wrong on this side
 * (a secret that is not to be had) comes before a host that failed, and that before one that cannot be reached.
 */
export function gravestExit(errors: readonly (GwError | null)[]): ExitCode {
  const codes = errors.flatMap((error) => (error === null ? [] : [error.exitCode]))
  const order = [EXIT.usage, EXIT.hostFailed, EXIT.unreachable]
  return order.find((code) => codes.includes(code)) ?? codes[0] ?? EXIT.done
}
