import { leftText, type LockState } from '../model/lock.js'
import { ORIGINAL_RELEASE } from '../model/release.js'
import type { ReleaseStore, StoredRelease } from '../model/release-store.js'
import { driftOf } from '../release/drift.js'
import type { FleetState, HostState } from '../release/fleet-state.js'
import { drillNextSteps } from '../release/fleet-drills.js'
import { fleetNextSteps, fleetWords, releaseWords } from '../release/fleet-words.js'
import { cleanLine } from '../shell/clean.js'
import { tableText, type Cell } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'
import { counted, when } from '../ui/text.js'

type Paint = Terminal['paintOut']

/** The gateways as a table, then the fleet in words, then what to type next. */
export function statusText(
  hosts: readonly HostState[],
  state: FleetState,
  typed: string,
  paint: Paint,
): string {
  const rows = [
    ...hosts.map(hostRow),
    ...state.unreachable.map((host): Cell[] => [host, { text: 'not known', style: 'red' }]),
  ]
  const table = tableText(
    ['HOST', 'RELEASE', 'CONFIRMED (UTC)', 'PREVIOUS', 'VIP', 'LOCK', 'NOTES'],
    rows,
    paint,
  )
  const [first = '', ...rest] = fleetWords(state).map(cleanLine)
  const words = [paint(state.word === 'whole' ? 'green' : 'yellow', first), ...rest]
  const next = [...drillNextSteps(state.drills, typed), ...fleetNextSteps(state, typed)]
  return [table, words.join('\n'), ...(next.length === 0 ? [] : [['Next:', ...next].join('\n  ')])].join(
    '\n\n',
  )
}

/** When the current release was confirmed, and by which run. */
export function confirmedOf({ current, releases }: ReleaseStore): StoredRelease['confirmed'] {
  return releases.find(({ name }) => name === current)?.confirmed ?? null
}

function hostRow({ host, store, lock, holdsAddress }: HostState): Cell[] {
  const { current, previous } = store
  return [
    host,
    current ?? 'none',
    confirmedCell(store),
    previous ?? '',
    holdsAddress === true ? { text: 'holds it', style: 'bold' } : '',
    lock === null ? '' : lockCell(lock),
    notesOf(store).join('; '),
  ]
}

function confirmedCell(store: ReleaseStore): Cell {
  const confirmed = confirmedOf(store)
  if (confirmed !== null) return when(confirmed.time)
  return store.current === null || store.current === ORIGINAL_RELEASE ? '' : { text: 'no', style: 'yellow' }
}

/** Who that is stands below the table. */
function lockCell({ holder: { kind, run }, leftSeconds }: LockState): Cell {
  if (kind === 'hand') return leftSeconds > 0 ? `by hand, ${leftText(leftSeconds)} left` : ''
  if (leftSeconds > 0) return `run ${run}, ${leftText(leftSeconds)} left`
  return { text: `run ${run}, over`, style: 'yellow' }
}

function notesOf(store: ReleaseStore): string[] {
  const { trial } = store
  const drift = driftOf(store).length
  return [
    ...(trial === null ? [] : [`on trial, else back to ${releaseWords(trial.before)}`]),
    ...(drift === 0 ? [] : [`${counted(drift, 'file')} changed by hand`]),
  ]
}
