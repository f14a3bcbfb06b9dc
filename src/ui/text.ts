import type { GwError } from '../errors.js'
import { countChanges, type FleetPlan, type PlannedTask } from '../engine/plan.js'
import type { HostReport, RunReport } from '../engine/report.js'
import type { Outcome } from '../model/outcome.js'
import { colourDiff, unifiedDiff } from './diff.js'
import type { Terminal } from './terminal.js'

type Paint = Terminal['paintOut']

const OUTCOME_STYLE = {
  ok: 'green',
  changed: 'yellow',
  skipped: 'gray',
  failed: 'red',
  unreachable: 'red',
} as const satisfies Record<Outcome, string>

export function outcomeText(outcome: Outcome, paint: Paint): string {
  return paint(OUTCOME_STYLE[outcome], outcome.padEnd(11))
}

/** Seconds with one digit: "0.4 s". */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** What will change, task by task, with diffs; hosts for which a task does the same share one entry. */
export function planText(plan: FleetPlan, paint: Paint): string {
  const entries = new Map<string, string[]>()
  for (const host of plan.hosts) {
    for (const planned of host.plays.flatMap((play) => play.tasks)) {
      const body = changeText(planned, paint)
      if (body !== null) entries.set(body, [...(entries.get(body) ?? []), host.host])
    }
  }
  const unchanged = plan.hosts.filter((host) => countChanges(host.plays) === 0).map(({ host }) => host)
  const texts = [...entries].map(([body, hosts]) => `${paint('bold', hosts.join(', '))}\n${body}`)
  if (unchanged.length > 0) texts.push(`${paint('bold', unchanged.join(', '))}\n  nothing to change`)
  return texts.join('\n')
}

function changeText({ task, decision }: PlannedTask, paint: Paint): string | null {
  if (decision.kind !== 'change') return null
  const line = `  ${paint('yellow', '~')} ${task.name}: ${decision.summary}`
  return decision.diff === undefined
    ? line
    : `${line}\n${indent(colourDiff(unifiedDiff(decision.diff), paint), '      ')}`
}

/** One line a host, counts by outcome. */
export function recapText(report: RunReport, paint: Paint): string {
  const width = Math.max(...report.hosts.map(({ host }) => host.length), 4)
  return report.hosts
    .map((host) => `${host.host.padEnd(width)}  ${outcomeText(host.outcome, paint)} ${counts(host)}`)
    .join('\n')
}

function counts({ tasks }: HostReport): string {
  const shown: readonly Outcome[] = ['ok', 'changed', 'skipped', 'failed']
  return shown
    .map((outcome) => `${outcome}=${tasks.filter((task) => task.outcome === outcome).length}`)
    .join(' ')
}

/** An error as a person reads it: what, where, why, then what to type next. */
export function errorText(error: GwError, paint: Paint): string {
  const where = error.host === undefined ? '' : `${paint('bold', error.host)}: `
  const place = error.at === undefined ? [] : [`  at ${error.at.file}:${error.at.line}:${error.at.column}`]
  const frame = error.frame === undefined ? [] : [indent(error.frame, '  | ')]
  const next = error.nextSteps.length === 0 ? [] : ['Next:', ...error.nextSteps.map((step) => `  ${step}`)]
  return [
    `${paint('red', `Error ${error.code}`)} ${where}${error.message}`,
    ...place,
    ...frame,
    ...next,
  ].join('\n')
}

export function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => by + line)
    .join('\n')
}
