import type { Finding, Judgement } from '../../model/health.js'
import { error, judged, warning } from '../judgement.js'
import type { FleetObservation } from '../observation.js'
import { onHost } from '../on-host.js'
import { unasked } from './members.js'

/** A clock as this machine sees it; `offset` in seconds against its own. */
interface Clock {
  /** null for this machine. */
  readonly host: string | null
  readonly offset: number
}

const LARGEST_SECONDS = 1

/** Whether the clocks of the gateways agree; this machine's is a witness. */
export function judgeClocks(fleet: FleetObservation): Judgement {
  const clocks = fleet.hosts.map(({ host, clockOffset }): Clock => ({ host, offset: clockOffset }))
  const findings = spread(clocks) <= LARGEST_SECONDS ? witnessFindings(clocks) : hostFindings(clocks)
  return judged([...findings, ...unasked(fleet)])
}

function spread(clocks: readonly Clock[]): number {
  const offsets = clocks.map(({ offset }) => offset)
  return offsets.length === 0 ? 0 : Math.max(...offsets) - Math.min(...offsets)
}

/** Of all gateways together. */
function witnessFindings(clocks: readonly Clock[]): Finding[] {
  const offset = middleOf(clocks)
  if (Math.abs(offset) <= LARGEST_SECONDS) return []
  const message = `the clock of this machine, by which certificates are judged, is ${apart(-offset)} those of the gateways`
  return [warning(message, 'timedatectl shows whether this machine keeps its time')]
}

function hostFindings(clocks: readonly Clock[]): Finding[] {
  const all = [{ host: null, offset: 0 }, ...clocks]
  const right = majority(all)
  if (right === null) {
    const offsets = clocks.map(({ host, offset }) => `${host ?? ''} ${signed(offset)} s`)
    const message = `the clocks of the gateways are up to ${spread(clocks).toFixed(1)} s apart; against this machine: ${offsets.join(', ')}`
    const names = clocks.map(({ host }) => host ?? '').join(',')
    return [error(message, onHost(names, 'timedatectl'))]
  }
  return all
    .filter((clock) => !right.includes(clock))
    .flatMap(({ host, offset }) => {
      if (host === null) return []
      const message = `the clock of ${host} is ${apart(offset - middleOf(right))} the others`
      return [error(message, onHost(host, 'timedatectl'))]
    })
}

/** The clocks that agree with one another, where more than half of all do; null when nobody can tell. */
function majority(all: readonly Clock[]): readonly Clock[] | null {
  const agreeing = all.map(({ offset }) =>
    all.filter((each) => each.offset >= offset && each.offset <= offset + LARGEST_SECONDS),
  )
  const largest = agreeing.reduce((best, each) => (each.length > best.length ? each : best), [])
  const isAlone = agreeing.every(
    (each) => each.length < largest.length || each.every((clock) => largest.includes(clock)),
  )
  return isAlone && largest.length * 2 > all.length ? largest : null
}

function middleOf(clocks: readonly Clock[]): number {
  const offsets = clocks.map(({ offset }) => offset).toSorted((one, other) => one - other)
  return offsets[Math.floor(offsets.length / 2)] ?? 0
}

function apart(seconds: number): string {
  return `${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead of' : 'behind'}`
}

function signed(seconds: number): string {
  return `${seconds > 0 ? '+' : ''}${seconds.toFixed(1)}`
}
