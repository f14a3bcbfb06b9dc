import type { DrillState, UndoneDrill } from '../../src/facts/drill-state.js'
import type { Holder, LockState } from '../../src/model/lock.js'
import type { RevertRecord, TrialState } from '../../src/model/release-store.js'
import type { HostState } from '../../src/release/fleet-state.js'
import { manifestOf } from '../../src/release/manifest.js'
import { EMPTY_STORE } from './store-text.js'

/** Hosts as they were asked, with what a case is about. */

const META = {
  origin: 'deploy',
  createdAt: '',
  by: 'ann@laptop',
  commit: null,
  gw: '1.0.0',
  domain: 'example.com',
} as const

const NO_DRILL: DrillState = { armed: null, undone: null }

interface Seen {
  readonly current?: string | null
  readonly trial?: TrialState
  readonly reverted?: RevertRecord
  readonly lock?: LockState
  readonly drill?: Partial<DrillState>
  readonly vip?: boolean
  /** When its current release was made. */
  readonly made?: string
}

export const RUN = '3fa9c210'

export function undoneBy(by: UndoneDrill['by']): UndoneDrill {
  return { run: RUN, scenario: 'host-cut', time: '2026-11-21T20:00:00Z', by }
}

export function host(
  name: string,
  { current = 'v1.2', trial, reverted, lock, drill, vip = false, made }: Seen = {},
): HostState {
  const manifest = made === undefined ? null : manifestOf(current ?? '', { ...META, createdAt: made }, [])
  const store = { ...EMPTY_STORE, current, manifest, trial: trial ?? null, reverted: reverted ?? null }
  return { host: name, store, lock: lock ?? null, drill: { ...NO_DRILL, ...drill }, holdsAddress: vip }
}

export function lockOf(run: string, leftSeconds: number, more: Partial<Holder> = {}): LockState {
  const holder: Holder = {
    kind: 'run',
    run,
    by: 'alice@laptop',
    command: 'gw deploy production',
    reason: '',
    since: '',
    release: 'v1.3',
    before: 'v1.2',
    hosts: [],
    ...more,
  }
  return { holder, token: 4, leftSeconds }
}

export const BY_HAND = {
  kind: 'hand',
  reason: 'moving the rack',
  since: '2026-11-21T20:00:00Z',
  release: null,
} as const

export const TRIAL: TrialState = { run: '3fa9c210', release: 'v1.3', before: 'v1.2' }
export const REVERTED: RevertRecord = { ...TRIAL, time: '2026-11-21T02:00:00Z', by: 'watchdog' }
