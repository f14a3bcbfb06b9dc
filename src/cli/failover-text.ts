import { measuredWarnings } from '../drill/exactness.js'
import type { Measured } from '../drill/measurement.js'
import type { Terminal } from '../ui/terminal.js'
import { seconds } from '../ui/text.js'
import { clientsText } from './clients-text.js'

/** What became of the virtual IP, and what clients saw meanwhile. */
export interface FailoverView {
  readonly address: string
  readonly from: string
  /** Who has it, proved; null where that is not so. */
  readonly to: string | null
  /** Who says that it has it, when nobody was proved to; null when nobody could be asked. */
  readonly holders: readonly string[] | null
  readonly measured: Measured
  /** What to type to name the environment. */
  readonly typed: string
  readonly ms: number
}

/** A few lines for people. */
export function failoverText(view: FailoverView, paint: Terminal['paintOut']): string {
  const { measured, to, typed } = view
  return [
    whereText(view),
    ...(measured.clients.length === 0 ? [] : [`\n${clientsText(measured.clients, paint)}`]),
    ...(to === null ? [] : [`${measured.clients.length === 0 ? '' : '\n'}To undo it: gw failover ${typed}`]),
  ].join('\n')
}

/** What figures are missing, and how exact the others are. */
export function failoverWarnings({ address, measured }: FailoverView): string[] {
  return measuredWarnings(measured, address)
}

function whereText({ address, from, to, holders, ms }: FailoverView): string {
  if (to !== null) return `${address} moved from ${from} to ${to}, in ${seconds(ms)}.`
  if (holders === null) return `It is not known who has ${address} now.`
  if (holders.length === 0) return `Nobody has ${address} now.`
  return `${address} is with ${holders.join(' and ')} now.`
}
