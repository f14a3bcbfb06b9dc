import type { GwError } from '../errors.js'
import type { HostReport, RunReport } from '../engine/report.js'
import type { Outcome } from '../model/outcome.js'
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

/** An ISO time as a table has it: to the second, "2026-11-21 02:00:00". */
export function when(time: string): string {
  return time.slice(0, 19).replace('T', ' ')
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
