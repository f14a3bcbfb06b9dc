import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { drillPage } from '../drill/page/page.js'
import type { DrillReport } from '../drill/report.js'
import type { ScenarioName } from '../drill/scenarios/names.js'
import { EXIT, errnoCode, GwError } from '../errors.js'
import { environmentName } from '../inventory/project.js'
import type { CommandContext } from './base-command.js'
import type { DrillHistory } from './drill-history.js'
import { drillText } from './drill-text.js'
import { drillsText, trendText } from './drills-text.js'
import type { CommandResult } from './result.js'
import { runByName } from './run-by-name.js'

export interface DrillsRequest {
  readonly history: DrillHistory
  /** The name of an environment or the path of its inventory; without it the drills of all are meant. */
  readonly environment: string | undefined
  /** A run, or how its name begins; without it drills are listed. */
  readonly run: string | undefined
  /** A scenario that is compared from drill to drill. */
  readonly scenario: ScenarioName | undefined
  /** The file that the page of a drill is written to. */
  readonly html: string | undefined
  /** How many drills are listed. */
  readonly last: number
}

/** Shows the drills that were run from this machine; contacts no host. */
export async function runDrillsCommand(
  request: DrillsRequest,
  { terminal }: Pick<CommandContext, 'terminal'>,
): Promise<CommandResult> {
  const environment = request.environment === undefined ? null : environmentName(request.environment)
  const kept = await listed(request.history, environment)
  const newest = [...kept].reverse()
  const answer = { exitCode: EXIT.done, environment }
  if (request.run === undefined && request.html === undefined)
    return { ...answer, ...listOf(newest, environment, request, terminal) }
  const drill = await wholeOf(chosen(newest, request), request.history)
  const html = request.html === undefined ? null : await writePage(request.html, drill, kept)
  const text =
    html === null
      ? drillText(drill, kept, terminal.paintOut, terminal.out.columns)
      : `The drill ${drill.run} is drawn in ${html}`
  return { ...answer, environment: drill.environment, text, data: { drills: [drill], html } }
}

async function listed(history: DrillHistory, environment: string | null): Promise<readonly DrillReport[]> {
  try {
    return await history.list(environment)
  } catch (cause) {
    const message = `the drills in ${history.folder} cannot be read (${errnoCode(cause)})`
    throw new GwError('USAGE', message, { cause, nextSteps: [`ls -ld ${history.folder}`] })
  }
}

function listOf(
  newest: readonly DrillReport[],
  environment: string | null,
  { scenario, last, history }: DrillsRequest,
  { paintOut }: CommandContext['terminal'],
): Pick<CommandResult, 'text' | 'data'> {
  const drills = newest
    .filter(({ scenarios }) => scenario === undefined || scenarios.some(({ name }) => name === scenario))
    .slice(0, last)
  const data = { drills: drills.map((drill) => summaryJson(drill, history)), html: null }
  if (drills.length === 0) return { text: noneText(environment, scenario), data }
  const text = scenario === undefined ? drillsText(drills, paintOut) : trendText(drills, scenario, paintOut)
  return { text, data }
}

function noneText(environment: string | null, scenario: ScenarioName | undefined): string {
  const of = environment === null ? '' : ` of ${environment}`
  const with_ = scenario === undefined ? '' : ` with ${scenario}`
  return `No drill${of}${with_} was run from this machine: gw failover-drill ${environment ?? 'ENV'} runs one.`
}

function chosen(newest: readonly DrillReport[], { run, environment }: DrillsRequest): DrillReport {
  if (run !== undefined) {
    const nextStep = `gw drills${environment === undefined ? '' : ` ${environment}`} lists those that are kept.`
    return runByName(newest, run, { made: 'is a drill that is kept here', nextStep })
  }
  const [first] = newest
  if (first !== undefined) return first
  const of = environment === undefined ? '' : ` of ${environment}`
  throw new GwError('USAGE', `no drill${of} was run from this machine, so there is no page of one`, {
    nextSteps: [`gw failover-drill ${environment ?? 'ENV'} runs one.`],
  })
}

async function wholeOf(drill: DrillReport, history: DrillHistory): Promise<DrillReport> {
  const whole = await history.whole(drill)
  if (whole !== null) return whole
  throw new GwError(
    'USAGE',
    `the file of the drill ${drill.run} is damaged: its requests over time are missing`,
    {
      nextSteps: [`ls -l ${history.folder}`, `Its page is still there: ${history.pageOf(drill)}`],
    },
  )
}

/** Answers the absolute path. */
async function writePage(path: string, drill: DrillReport, kept: readonly DrillReport[]): Promise<string> {
  const file = resolve(path)
  try {
    await writeFile(file, drillPage(drill, kept))
    return file
  } catch (cause) {
    throw new GwError('USAGE', `${path} cannot be written (${errnoCode(cause)})`, {
      cause,
      nextSteps: ['Name a file in a folder that is there: --html FILE'],
    })
  }
}

/** A drill in a list, its scenarios by what they are compared by. */
function summaryJson(drill: DrillReport, history: DrillHistory) {
  const { run, startedAt, environment, command, by, verdict, skipped, scenarios } = drill
  return {
    ...{ run, startedAt, environment, command, by, verdict, skipped },
    durationMs: Math.round(drill.durationMs),
    scenarios: scenarios.map(({ name, verdict: own, outageMs, undoneBy }) => ({
      ...{ name, verdict: own, undoneBy },
      outageMs: outageMs === null ? null : Math.round(outageMs),
    })),
    report: history.pageOf(drill),
  }
}
