import type { Finding, FleetCheckName, Judgement, PhaseName } from '../model/health.js'
import { absenceWord, hostsWithout, type HealthView, type HostView } from './health-view.js'
import { counted } from './text.js'

/**
 * What was found, and where: on which hosts (or `fleet`) and by which phases or checks. Of a host that gave no answer that
 * stands in place of a check, and why it gave none is an error.
 */
export interface LocatedFinding {
  readonly where: readonly string[]
  readonly checks: readonly string[]
  readonly finding: Finding
}

/** How much of what kind there is to say; a finding counts once for every host and check that it is of, a host without an answer not. */
export interface FindingCounts {
  readonly errors: number
  readonly warnings: number
  /** Phases and checks without a verdict. */
  readonly unjudged: number
}

const GRAVITY = ['error', 'warning', 'note'] as const satisfies readonly Finding['severity'][]

/** Every finding of every phase and check that was asked for, the gravest first, else in the order of the table. */
export function findingsOf(view: HealthView): LocatedFinding[] {
  const judged = judgementsOf(view).flatMap(({ where, check, judgement }) =>
    judgement.findings.map((finding): LocatedFinding => ({ where: [where], checks: [check], finding })),
  )
  const all = [...view.hosts.flatMap(absence), ...judged]
  return GRAVITY.flatMap((severity) => all.filter(({ finding }) => finding.severity === severity))
}

/** The same, with what hosts have in common once, and what phases of the same hosts have in common. */
export function sharedFindings(view: HealthView): LocatedFinding[] {
  const byCheck = merged(findingsOf(view), ({ checks }) => checks)
  return merged(byCheck, ({ where }) => where)
}

/** A figure by itself: names and addresses are none. */
const FIGURE = /(?<![\w.:@/-])\d+(?:\.\d+)?(?![\w:/-]|\.\d)/g

/** What was found, without the figures that are others with every look: ages, times, counts. */
export function lastingText(view: HealthView): string {
  return JSON.stringify(
    findingsOf(view).map(({ where, checks, finding: { severity, message } }) => [
      where,
      checks,
      severity,
      message.replaceAll(FIGURE, '#'),
    ]),
  )
}

export function countFindings(view: HealthView): FindingCounts {
  const judgements = judgementsOf(view).map(({ judgement }) => judgement)
  const severities = judgements.flatMap(({ findings }) => findings.map(({ severity }) => severity))
  return {
    errors: severities.filter((severity) => severity === 'error').length,
    warnings: severities.filter((severity) => severity === 'warning').length,
    unjudged: judgements.filter(({ verdict }) => verdict === 'inconclusive').length,
  }
}

/** The verdict and what it rests on, or whom it waits for. */
export function summaryText(view: HealthView): string {
  const parts = summaryParts(view).join(', ')
  switch (view.verdict) {
    case 'pass':
      return titled('healthy', parts)
    case 'fail':
      return titled('unhealthy', parts)
    case 'inconclusive':
      return titled('inconclusive', parts)
    case null:
      return `waiting for ${pendingHosts(view).join(', ') || 'the checks of the fleet'}`
  }
}

/** What there is to say beside the verdict: "2 errors", "1 warning", "gw-2 unreachable". */
export function summaryParts(view: HealthView): string[] {
  const { errors, warnings, unjudged } = countFindings(view)
  return [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
    ...absent(view, 'unreachable'),
    ...absent(view, 'no answer'),
    // Beside an error it only says again that something else could not be looked at; without, a phase not asked for failed.
    ...((view.verdict === 'inconclusive' || errors === 0) && unjudged > 0
      ? [`${counted(unjudged, 'check')} not judged`]
      : []),
  ]
}

function absence(view: HostView): LocatedFinding[] {
  if (view.state !== 'unanswered') return []
  const { message, nextSteps } = view.error
  const finding = { severity: 'error', message, help: nextSteps[0] ?? '' } as const
  return [{ where: [view.host], checks: [absenceWord(view.error)], finding }]
}

function titled(verdict: string, parts: string): string {
  return parts === '' ? verdict : `${verdict}: ${parts}`
}

function absent(view: HealthView, word: ReturnType<typeof absenceWord>): string[] {
  const names = hostsWithout(view, word)
  const what = word === 'unreachable' ? 'unreachable' : 'without an answer'
  if (names.length === 0) return []
  return [names.length > 2 ? `${counted(names.length, 'host')} ${what}` : `${names.join(' and ')} ${what}`]
}

function pendingHosts({ hosts }: HealthView): string[] {
  return hosts.filter(({ state }) => state === 'pending').map(({ host }) => host)
}

interface LocatedJudgement {
  readonly where: string
  readonly check: PhaseName | FleetCheckName
  readonly judgement: Judgement
}

function judgementsOf({ hosts, phases, checks, fleet }: HealthView): LocatedJudgement[] {
  return [
    ...hosts.flatMap((view) =>
      view.state === 'judged' ? located(view.host, phases, view.health.phases) : [],
    ),
    ...located('fleet', checks, fleet?.checks ?? {}),
  ]
}

function located<Name extends PhaseName | FleetCheckName>(
  where: string,
  names: readonly Name[],
  judgements: Readonly<Partial<Record<Name, Judgement>>>,
): LocatedJudgement[] {
  return names.flatMap((check) => {
    const judgement = judgements[check]
    return judgement === undefined ? [] : [{ where, check, judgement }]
  })
}

/** Findings that read the same, as one for each `side` that they share; each stands where its first one stood. */
function merged(
  findings: readonly LocatedFinding[],
  side: (found: LocatedFinding) => readonly string[],
): LocatedFinding[] {
  const groups = new Map<string, LocatedFinding>()
  for (const found of findings) {
    const { severity, message, help } = found.finding
    const key = JSON.stringify([severity, message, help, side(found)])
    const group = groups.get(key)
    groups.set(key, group === undefined ? found : joined(group, found))
  }
  return [...groups.values()]
}

function joined(one: LocatedFinding, other: LocatedFinding): LocatedFinding {
  return {
    where: [...new Set([...one.where, ...other.where])],
    checks: [...new Set([...one.checks, ...other.checks])],
    finding: one.finding,
  }
}
