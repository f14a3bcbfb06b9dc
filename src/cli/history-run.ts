import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EXIT, errnoCode, GwError } from '../errors.js'
import type { CommandContext } from './base-command.js'
import { historyText, recordText } from './history-text.js'
import { JOURNAL_NAME } from './journal.js'
import type { CommandResult } from './result.js'
import { runByName } from './run-by-name.js'
import { parseJournal, type RunRecord } from './run-record.js'

export interface HistoryRequest {
  /** Folder of the journals. */
  readonly folder: string
  /** A run, or how its name begins; without it the last runs are listed. */
  readonly run: string | undefined
  /** Only runs on this environment. */
  readonly environment: string | undefined
  /** How many runs are listed. */
  readonly last: number
}

interface JournalFile {
  readonly path: string
  readonly run: string
}

/** Shows what gw did from this machine. */
export async function runHistoryCommand(
  request: HistoryRequest,
  { terminal }: Pick<CommandContext, 'terminal'>,
): Promise<CommandResult> {
  const files = await journalsIn(request.folder)
  const answer = { exitCode: EXIT.done, environment: null }
  if (request.run !== undefined) {
    const record = await recordOf(findRun(files, request.run))
    const { events } = record
    const text = recordText(record, terminal.paintOut)
    return { ...answer, text, data: { runs: [{ ...summaryJson(record), events }] } }
  }
  const { records, warnings } = await lastRecords(files, request)
  const runs = records.map(summaryJson)
  return { ...answer, text: historyText(records, terminal.paintOut), warnings, data: { runs } }
}

/** The newest first. Other files that may lie there do not count. */
async function journalsIn(folder: string): Promise<JournalFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    if (errnoCode(cause) === 'ENOENT') return []
    const message = `the journals in ${folder} cannot be read (${errnoCode(cause)})`
    throw new GwError('USAGE', message, { cause, nextSteps: [`ls -ld ${folder}`] })
  })
  return entries
    .flatMap((entry) => {
      const run = entry.isFile() ? JOURNAL_NAME.exec(entry.name)?.[2] : undefined
      return run === undefined ? [] : [{ path: join(folder, entry.name), run }]
    })
    .sort((one, other) => (one.path < other.path ? 1 : -1))
}

async function lastRecords(
  files: readonly JournalFile[],
  { environment, last }: HistoryRequest,
): Promise<{ records: RunRecord[]; warnings: string[] }> {
  const records: RunRecord[] = []
  const warnings: string[] = []
  for (const file of files) {
    if (records.length === last) break
    const record = await readRecord(file)
    if (record === null) warnings.push(`the journal ${file.path} is damaged and not shown`)
    else if (environment === undefined || record.environment === environment) records.push(record)
  }
  return { records, warnings }
}

/** A run that went on later has several journals: the newest counts. */
function findRun(files: readonly JournalFile[], beginning: string): JournalFile {
  const nextStep = 'gw history lists the runs that this machine knows.'
  return runByName(files, beginning, { made: 'was made from here', nextStep })
}

async function recordOf(file: JournalFile): Promise<RunRecord> {
  const record = await readRecord(file)
  if (record !== null) return record
  throw new GwError('USAGE', `the journal ${file.path} is damaged: it does not say how the run began`, {
    nextSteps: [`less ${file.path}`],
  })
}

async function readRecord({ path, run }: JournalFile): Promise<RunRecord | null> {
  return parseJournal(run, await readFile(path, 'utf8').catch(() => ''))
}

function summaryJson({ run, time, environment, command, by, gw, hosts, planHash, end }: RunRecord) {
  const { exitCode = null, durationMs = null, changed = null, release = null, error = null } = end ?? {}
  const begun = { run, time, environment, command, by, gw, hosts, planHash }
  return { ...begun, exitCode, durationMs, changed, release, error }
}
