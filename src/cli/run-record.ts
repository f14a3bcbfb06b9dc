import { cleanLine } from '../shell/clean.js'

/** A line of a journal: its time (UTC, ISO 8601), what it is about, and what belongs to that. */
export interface RecordedEvent {
  readonly time: string
  readonly type: string
  readonly [field: string]: unknown
}

/** A run as its journal has it; texts are safe to print. */
export interface RunRecord {
  readonly run: string
  /** UTC, ISO 8601. */
  readonly time: string
  readonly environment: string
  readonly command: string
  readonly by: string
  readonly gw: string
  readonly hosts: readonly string[]
  /** Hexadecimal; null for a run that never had a plan. */
  readonly planHash: string | null
  /** Null when the journal has no end: gw was killed, its machine went down, or it still runs. */
  readonly end: RecordedEnd | null
  /** Everything between the beginning and the end. */
  readonly events: readonly RecordedEvent[]
}

interface RecordedEnd {
  readonly exitCode: number
  readonly durationMs: number
  readonly changed: number
  readonly release: string | null
  readonly error: string | null
}

/** Reads a journal; lines that make no sense are passed over. Null when it does not say how the run began. */
export function parseJournal(run: string, text: string): RunRecord | null {
  const events = text.split('\n').flatMap(parseLine)
  const start = events.find(({ type }) => type === 'run.started')
  if (start === undefined) return null
  const end = events.find(({ type }) => type === 'run.ended')
  const hash = events.find(({ type }) => type === 'plan.ready')?.['planHash']
  return {
    run,
    time: start.time,
    environment: textOf(start['environment']),
    command: textOf(start['command']),
    by: textOf(start['by']),
    gw: textOf(start['gw']),
    hosts: listOf(start['hosts']),
    planHash: typeof hash === 'string' ? hash : null,
    end: end === undefined ? null : endOf(end),
    events: events.filter((event) => event !== start && event !== end),
  }
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

function parseLine(line: string): RecordedEvent[] {
  try {
    const value: unknown = JSON.parse(line, (_key, part: unknown) =>
      typeof part === 'string' ? cleanLine(part) : part,
    )
    return isEvent(value) && TIME.test(value.time) && !Number.isNaN(Date.parse(value.time)) ? [value] : []
  } catch {
    return []
  }
}

function isEvent(value: unknown): value is RecordedEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    'time' in value &&
    typeof value.time === 'string' &&
    'type' in value &&
    typeof value.type === 'string'
  )
}

function endOf(end: RecordedEvent): RecordedEnd {
  const { exitCode, ms, changed, release, error } = end
  return {
    exitCode: numberOf(exitCode),
    durationMs: numberOf(ms),
    changed: numberOf(changed),
    release: typeof release === 'string' ? release : null,
    error: typeof error === 'string' ? error : null,
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown'
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
