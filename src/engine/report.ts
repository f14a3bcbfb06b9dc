import { EXIT, type GwError } from '../errors.js'
import type { Outcome } from '../model/outcome.js'
import type { TextChange } from '../operations/operation.js'
import type { RolloutEnd } from './rollout-end.js'

/** What became of one task on one host. `ms` is 0 for a task that ran nothing. */
export interface TaskReport {
  readonly task: string
  readonly outcome: Outcome
  /** What changed, or why nothing did. */
  readonly summary: string
  readonly diffs?: readonly TextChange[]
  readonly ms: number
}

export interface HostReport {
  readonly host: string
  readonly outcome: Outcome
  readonly tasks: readonly TaskReport[]
  readonly error: GwError | null
}

/** How a run ended, host by host, in the order of the inventory. */
export interface RunReport {
  readonly run: string
  readonly check: boolean
  /** True when a stop was asked for before the run was through. */
  readonly interrupted: boolean
  /** True when the plan was shown and the answer was no. */
  readonly declined: boolean
  /** The release that all hosts were to have; null for a playbook that publishes none. */
  readonly release: string | null
  /** The release that each host had; null for none. */
  readonly before: Readonly<Record<string, string | null>>
  /** How the rollout of the release ended. */
  readonly end: RolloutEnd
  readonly hosts: readonly HostReport[]
  readonly ms: number
}

/** How many tasks changed something, or in check mode would. */
export function countChanged(report: RunReport): number {
  return report.hosts.flatMap((host) => host.tasks).filter((task) => task.outcome === 'changed').length
}

const GRAVEST: readonly Outcome[] = ['unreachable', 'failed', 'changed', 'ok', 'skipped']

/** The outcome that stands for several: the gravest. A host without tasks is ok. */
export function gravest(outcomes: readonly Outcome[]): Outcome {
  return GRAVEST.find((outcome) => outcomes.includes(outcome)) ?? 'ok'
}

/** What an error makes of its host. */
export function outcomeOfError(error: GwError): 'failed' | 'unreachable' {
  return error.exitCode === EXIT.unreachable ? 'unreachable' : 'failed'
}
