import type { GwError } from '../errors.js'
import { countChanges, type FleetPlan, type PlannedTask } from '../engine/plan.js'
import type { HostReport, RunReport } from '../engine/report.js'
import type { Outcome } from '../model/outcome.js'
import { colourDiff, unifiedDiff } from './diff.js'
import { cleanLine, cleanText } from '../shell/clean.js'
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

/** A number with its noun: "1 task", "2 tasks". */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Seconds with one digit: "0.4 s". */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** What will change, task by task, with diffs. Hosts for which a task does the same share one entry under their names. */
export function planText(plan: FleetPlan, paint: Paint): string {
  const entries = new Map<string, { body: string; hosts: readonly string[] }>()
  for (const host of plan.hosts) {
    const bodies = host.plays
      .flatMap((play) => play.tasks)
      .flatMap((planned) => changeText(planned, paint) ?? [])
    bodies.forEach((body, index) => {
      // Two tasks of a host may read the same and are still two.
      const key = `${bodies.slice(0, index).filter((earlier) => earlier === body).length} ${body}`
      entries.set(key, { body, hosts: [...(entries.get(key)?.hosts ?? []), host.host] })
    })
  }
  const sections: { hosts: string; bodies: string[] }[] = []
  for (const { body, hosts } of entries.values()) {
    const last = sections.at(-1)
    if (last?.hosts === hosts.join(', ')) last.bodies.push(body)
    else sections.push({ hosts: hosts.join(', '), bodies: [body] })
  }
  const unchanged = plan.hosts.filter((host) => countChanges(host.plays) === 0).map(({ host }) => host)
  if (unchanged.length > 0) sections.push({ hosts: unchanged.join(', '), bodies: ['  nothing to change'] })
  return sections.map(({ hosts, bodies }) => [paint('bold', hosts), ...bodies].join('\n')).join('\n')
}

function changeText({ task, decision }: PlannedTask, paint: Paint): string | null {
  if (decision.kind !== 'change') return null
  const line = `  ${paint('yellow', '~')} ${task.name}: ${cleanLine(decision.summary)}`
  const diffs = (decision.diffs ?? []).map((diff) => indent(colourDiff(unifiedDiff(diff), paint), '      '))
  return [line, ...diffs].join('\n')
}

/** One line a host, counts by outcome. */
export function recapText(report: RunReport, paint: Paint): string {
  const width = Math.max(...report.hosts.map(({ host }) => host.length), 4)
  return report.hosts
    .map((host) => `${host.host.padEnd(width)}  ${outcomeText(host.outcome, paint)} ${counts(host)}`)
    .join('\n')
}

/** Every task of every host with its outcome and the reason for it. */
export function tasksText(report: RunReport, paint: Paint): string {
  return report.hosts
    .flatMap(({ host, tasks }) => [
      paint('bold', host),
      ...tasks.map(
        ({ task, outcome, summary }) => `  ${outcomeText(outcome, paint)} ${task}: ${cleanLine(summary)}`,
      ),
    ])
    .join('\n')
}

function counts({ tasks }: HostReport): string {
  const shown: readonly Outcome[] = ['ok', 'changed', 'skipped', 'failed']
  return shown
    .map((outcome) => `${outcome}=${tasks.filter((task) => task.outcome === outcome).length}`)
    .join(' ')
}

/** An error as a person reads it: what, where, why, then what to type next; safe to print, whatever stands in it. */
export function errorText(error: GwError, paint: Paint, verbose = false): string {
  const where = error.host === undefined ? '' : `${paint('bold', error.host)}: `
  const place =
    error.at === undefined ? [] : [`  at ${cleanLine(error.at.file)}:${error.at.line}:${error.at.column}`]
  const frame = error.frame === undefined ? [] : [indent(cleanText(error.frame), '  | ')]
  const next =
    error.nextSteps.length === 0 ? [] : ['Next:', ...error.nextSteps.map((step) => `  ${cleanText(step)}`)]
  return [
    `${paint('red', `Error ${error.code}`)} ${where}${cleanText(error.message)}`,
    ...place,
    ...frame,
    ...(verbose ? causesOf(error).map((cause) => indent(`caused by ${cause}`, '  ')) : []),
    ...next,
  ].join('\n')
}

function causesOf(error: Error): string[] {
  if (!(error.cause instanceof Error)) return []
  return [cleanText(error.cause.stack ?? error.cause.message), ...causesOf(error.cause)]
}

export function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => by + line)
    .join('\n')
}
