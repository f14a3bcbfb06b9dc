import { EXIT } from '../errors.js'
import { columnsText, tableText, type Cell } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'
import { counted, seconds, when } from '../ui/text.js'
import type { RecordedEvent, RunRecord } from './run-record.js'

type Paint = Terminal['paintOut']

/** How many characters of a command a table has room for. */
const COMMAND_SHOWN = 40

/** Runs as a table. */
export function historyText(records: readonly RunRecord[], paint: Paint): string {
  if (records.length === 0) return 'No run was made from this machine.'
  const rows = records.map((record) => [
    record.run,
    when(record.time),
    record.environment,
    shortened(record.command),
    record.by,
    outcomeOf(record),
    record.end === null ? '' : seconds(record.end.durationMs),
  ])
  return tableText(['RUN', 'WHEN (UTC)', 'ENVIRONMENT', 'COMMAND', 'BY', 'OUTCOME', 'TOOK'], rows, paint)
}

/** The beginning of a long command: the run itself shows all of it. */
function shortened(command: string): string {
  return command.length <= COMMAND_SHOWN ? command : `${command.slice(0, COMMAND_SHOWN - 3)}...`
}

/** What says nothing that the lines before it do not say. */
const QUIET: readonly string[] = ['host.ended', 'play.ended']

/** A run with everything that happened in it, times from its beginning. */
export function recordText(record: RunRecord, paint: Paint): string {
  const { run, command, by, gw, hosts, planHash, end } = record
  const outcome = outcomeOf(record)
  const head: Cell[][] = [
    ['run', run],
    ['command', command],
    ['by', `${by}, with gw ${gw}`],
    ['begun', `${when(record.time)} UTC`],
    ['hosts', hosts.join(', ')],
    ['plan', planHash ?? 'none'],
    ['outcome', outcome],
    ...(end === null ? [] : [['took', seconds(end.durationMs)]]),
  ]
  const begin = Date.parse(record.time)
  const rows = record.events
    .filter((event) => !QUIET.includes(event.type) && !isEnded(event, record.events))
    .map((event) => [since(begin, event.time), ...eventCells(event)])
  return [columnsText(head, paint), ...(rows.length === 0 ? [] : [columnsText(rows, paint)])].join('\n\n')
}

const IN_WORDS: Readonly<Record<number, string>> = {
  [EXIT.rolledBack]: 'went back by itself',
  [EXIT.unreachable]: 'unreachable',
  [EXIT.lockHeld]: 'the lock was held',
  [EXIT.changesFound]: 'found changes',
  [EXIT.interrupted]: 'interrupted',
}

function outcomeOf({ end }: RunRecord): Cell {
  if (end === null) return { text: 'did not end here', style: 'yellow' }
  const { exitCode, changed, release, error } = end
  if (exitCode === EXIT.done) {
    const text = changed === 0 ? 'nothing to change' : `${counted(changed, 'task')} changed something`
    return { text: release === null ? text : `${release}: ${text}`, style: 'green' }
  }
  if (error === 'CHANGES_DECLINED') return { text: 'not accepted', style: 'yellow' }
  const why = error === null ? '' : ` (${error})`
  return { text: `${IN_WORDS[exitCode] ?? 'failed'}${why}`, style: 'red' }
}

/** The beginning of a task or step says nothing once its end is there. */
function isEnded(event: RecordedEvent, events: readonly RecordedEvent[]): boolean {
  if (event.type !== 'task.started' && event.type !== 'step.started') return false
  const end = event.type.replace('started', 'ended')
  return events.some(
    ({ type, time, host, task, step }) =>
      type === end &&
      time >= event.time &&
      host === event['host'] &&
      task === event['task'] &&
      step === event['step'],
  )
}

/** Host, what, and the words for it. */
function eventCells(event: RecordedEvent): Cell[] {
  const { host } = event
  const [what, words] = eventWords(event)
  return [shown(host), what, words]
}

function eventWords(event: RecordedEvent): [Cell, string] {
  const text = (name: string): string => shown(event[name])
  switch (event.type) {
    case 'host.gathered':
      return ['', `facts gathered${took(event)}`]
    case 'plan.ready':
      return ['planned', `changes: ${text('changes')}`]
    case 'play.started':
      return ['play', `${text('play')}, changes: ${text('changes')}`]
    case 'task.started':
    case 'step.started':
      return [
        { text: 'begun', style: 'yellow' },
        `${text('task')}${text('step')}: how it ended is not known here`,
      ]
    case 'task.ended':
    case 'step.ended':
      return [
        outcomeCell(text('outcome')),
        `${text('task')}${text('step')}: ${text('summary')}${took(event)}`,
      ]
    case 'host.failed':
      return [{ text: 'failed', style: 'red' }, text('error')]
    default:
      return [event.type, otherFields(event)]
  }
}

function outcomeCell(outcome: string): Cell {
  return { text: outcome, style: outcome === 'failed' ? 'red' : 'yellow' }
}

function took({ ms }: RecordedEvent): string {
  return typeof ms === 'number' ? ` (${seconds(ms)})` : ''
}

/** The fields of an event of which nothing more is known here. */
function otherFields(event: RecordedEvent): string {
  return Object.entries(event)
    .filter(([name]) => !['time', 'type', 'host'].includes(name))
    .map(([name, value]) => `${name}: ${shown(value)}`)
    .join(', ')
}

/** A value as a person reads it: an error and the holder of a lock by what matters of them. */
function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return scalar(value)
  if ('code' in value && 'message' in value) return `${scalar(value.code)}: ${scalar(value.message)}`
  if ('run' in value && 'command' in value && 'by' in value)
    return `run ${scalar(value.run)} (${scalar(value.command)} by ${scalar(value.by)})`
  return Object.entries(value)
    .map(([name, part]) => `${name} ${scalar(part)}`)
    .join(', ')
}

function scalar(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? '...' : JSON.stringify(value)
}

function since(begin: number, time: string): string {
  return `+${seconds(Math.max(0, Date.parse(time) - begin))}`
}
