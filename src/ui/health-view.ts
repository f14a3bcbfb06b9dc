import { isUnreachable, type GwError } from '../errors.js'
import type {
  FleetCheckName,
  HealthReport,
  HostHealth,
  Judgement,
  PhaseName,
  Verdict,
} from '../model/health.js'

/** A gateway that is still being asked, gave no answer, or was judged. */
export type HostView =
  | { readonly host: string; readonly state: 'pending' }
  | { readonly host: string; readonly state: 'unanswered'; readonly error: GwError }
  | { readonly host: string; readonly state: 'judged'; readonly health: HostHealth }

/**
 * What there is to show of an environment's health: of a round that is over, or of one whose hosts have not all answered.
 * The findings have the environment in them as it was typed.
 */
export interface HealthView {
  readonly environment: string
  /** Those that were asked for. */
  readonly phases: readonly PhaseName[]
  /** Those that were asked for; empty with some of the phases or of the gateways only. */
  readonly checks: readonly FleetCheckName[]
  /** In the order of the inventory. */
  readonly hosts: readonly HostView[]
  /** null until all gateways have answered, and when only some were asked. */
  readonly fleet: HealthReport['fleet']
  /** Of the phases and checks that were asked for; null until all are known. */
  readonly verdict: Verdict | null
  /** The cells, by `cellKey`, that differ from the round before. */
  readonly changed: ReadonlySet<string>
  /** When the round was, for one of many; null for the only one. */
  readonly at: Date | null
}

/** What stands in a cell of the table. */
export type CellWord = 'ok' | 'warn' | 'FAIL' | '?' | '...' | 'unreachable' | 'no answer'

export type HostColumn = PhaseName | 'release' | 'vip'

/** A cell's place; the row of the fleet has no host. */
export function cellKey(host: string | null, column: HostColumn | FleetCheckName): string {
  return `${host ?? ''} ${column}`
}

/** A judgement in a word; one that has not been made yet is on its way. */
export function judgementWord(judgement: Judgement | undefined): CellWord {
  switch (judgement?.verdict) {
    case 'pass':
      return judgement.findings.some(({ severity }) => severity === 'warning') ? 'warn' : 'ok'
    case 'fail':
      return 'FAIL'
    case 'inconclusive':
      return '?'
    case undefined:
      return '...'
  }
}

/** Why there is nothing to show of a host: it could not be reached, or was and did not say what it was asked. */
export function absenceWord(error: GwError): 'unreachable' | 'no answer' {
  return isUnreachable(error) ? 'unreachable' : 'no answer'
}

/** The hosts about which there is nothing to show but this. */
export function hostsWithout({ hosts }: HealthView, word: ReturnType<typeof absenceWord>): string[] {
  return hosts.flatMap((view) =>
    view.state === 'unanswered' && absenceWord(view.error) === word ? [view.host] : [],
  )
}

/** Which cells say something else than before. What is only being asked again has not changed. */
export function changedCells(
  before: HealthView | null,
  now: Omit<HealthView, 'changed' | 'at' | 'verdict'>,
): ReadonlySet<string> {
  if (before === null) return new Set()
  const old = cells(before)
  const changed = [...cells(now)].filter(([key, word]) => {
    const was = old.get(key)
    return word !== '...' && was !== undefined && was !== '...' && was !== word
  })
  return new Set(changed.map(([key]) => key))
}

function cells(view: Omit<HealthView, 'changed' | 'at' | 'verdict'>): Map<string, string> {
  return new Map([
    ...view.hosts.flatMap((host) => hostCells(host, view.phases)),
    ...view.checks.map((check): [string, string] => [
      cellKey(null, check),
      judgementWord(view.fleet?.checks[check]),
    ]),
  ])
}

function hostCells(view: HostView, phases: readonly PhaseName[]): [string, string][] {
  const { host } = view
  const all = (word: CellWord): [string, string][] => phases.map((phase) => [cellKey(host, phase), word])
  if (view.state === 'pending') return all('...')
  if (view.state === 'unanswered') return all(absenceWord(view.error))
  const { health } = view
  return [
    ...phases.map((phase): [string, string] => [cellKey(host, phase), judgementWord(health.phases[phase])]),
    [cellKey(host, 'release'), health.release ?? ''],
    [cellKey(host, 'vip'), String(health.holdsAddress)],
  ]
}
