import { setTimeout as pause } from 'node:timers/promises'
import { askHosts } from '../engine/ask.js'
import { runOverFreshConnection } from '../engine/fresh-program.js'
import type { Reach } from '../engine/session.js'
import { GwError } from '../errors.js'
import { drillState, type DrillState } from '../facts/drill-state.js'
import { ask } from '../facts/fact.js'
import type { Host } from '../model/host.js'
import { STATE } from '../model/state-paths.js'
import { undoScript } from './arming.js'
import type { ScenarioReport } from './report.js'

export type UndoneBy = NonNullable<ScenarioReport['undoneBy']>

interface UndoOptions {
  readonly run: string
  /** As `Arming` has it. */
  readonly serial: number
  readonly reach: Reach
  /** How long it is tried, in milliseconds: a host that is down is back by then. */
  readonly ms: number
  /** When the host does it alone, in words. */
  readonly due: string
  readonly signal: AbortSignal
}

/** What one try may take. */
const TRY_MS = 20_000

const AGAIN_MS = 500

/** Undoes what a run did on a host, unless the host has done so by itself. @throws GwError DRILL_NOT_UNDONE, INTERRUPTED */
export function undoOn(host: Host, options: UndoOptions): Promise<UndoneBy> {
  const { run, serial, reach, signal } = options
  const script = undoScript({ run, serial, paths: STATE })
  return insist(host, options, async () => {
    await runOverFreshConnection({ host, reach, script, guard: null, deadlineMs: TRY_MS, signal })
    const { armed, undone } = await stateOf(host, options)
    if (armed?.run === run) throw notUndone(host)
    return undone?.run === run ? ownWord(undone.by) : 'gw'
  })
}

async function insist(
  host: Host,
  { ms, signal, due }: UndoOptions,
  work: () => Promise<UndoneBy>,
): Promise<UndoneBy> {
  const end = performance.now() + ms
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof GwError)) throw error
      if (signal.aborted) throw leftAlone(host, due)
      if (performance.now() > end) throw notUndone(host, error)
    }
    await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function stateOf(host: Host, { reach, signal }: UndoOptions): Promise<DrillState> {
  const question = ask(drillState, { paths: STATE })
  const answer = (await askHosts([host], () => [question], { reach, forks: 1, signal })).get(host.name)
  if (answer === undefined) throw new Error(`${host.name} was not asked`)
  if (answer instanceof GwError) throw answer
  return answer.to(question)
}

/** Who takes a lock over has the host undo it. */
function ownWord(by: NonNullable<DrillState['undone']>['by']): UndoneBy {
  return by === 'takeover' ? 'host' : by
}

function leftAlone(host: Host, due: string): GwError {
  return new GwError('INTERRUPTED', `interrupted with the host disturbed; it undoes it alone ${due}`, {
    host: host.name,
    nextSteps: [
      'gw status ENV shows whether it has.',
      `gw exec ENV ${host.name} -- sh ${STATE.drill}/undo gw undoes it now.`,
    ],
  })
}

function notUndone(host: Host, cause?: GwError): GwError {
  const why = cause === undefined || cause.code === 'DRILL_NOT_UNDONE' ? '' : `: ${cause.message}`
  return new GwError('DRILL_NOT_UNDONE', `what the drill did is not undone yet${why}`, {
    host: host.name,
    ...(cause?.frame === undefined ? {} : { frame: cause.frame }),
    nextSteps: [
      `gw exec ENV ${host.name} -- sh ${STATE.drill}/undo gw`,
      'The host tries it alone as well; gw health ENV says whether all is well again.',
    ],
    cause,
  })
}
