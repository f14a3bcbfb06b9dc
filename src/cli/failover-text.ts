import type { Clients, Measured } from '../drill/measurement.js'
import { KINDS, type Failure, type Kind } from '../drill/sample.js'
import { tableText } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'
import { seconds } from '../ui/text.js'

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

type Paint = Terminal['paintOut']

const CLIENTS: Readonly<Record<Kind, string>> = {
  tcp: 'new TCP connections',
  tls: 'requests over new TLS connections',
  keepalive: 'requests over open connections',
  http2: 'requests over an open HTTP/2 connection',
}

/** Lateness of this machine that is worth a word, in milliseconds. */
const LATE_MS = 50

/** A few lines for people. */
export function failoverText(view: FailoverView, paint: Paint): string {
  const { measured, to, typed } = view
  return [
    whereText(view),
    ...(measured.clients.length === 0 ? [] : [`\n${clientsText(measured.clients, paint)}`]),
    ...(to === null ? [] : [`${measured.clients.length === 0 ? '' : '\n'}To undo it: gw failover ${typed}`]),
  ].join('\n')
}

/** What figures are missing, and how exact the others are. */
export function failoverWarnings({ address, measured }: FailoverView): string[] {
  const { clients, unmeasured, latenessMs } = measured
  const causes = [...new Set(KINDS.flatMap((kind) => unmeasured[kind] ?? []))]
  if (clients.length === 0) {
    const why = causes.map((cause) => WHY[cause]).join('; ')
    return [`the outage was not measured: this machine did not reach ${address} before it (${why})`]
  }
  const missing = causes.map((cause) => {
    const kinds = KINDS.filter((kind) => unmeasured[kind] === cause)
    return `not measured: ${kinds.map((kind) => CLIENTS[kind]).join(', ')} (${WHY[cause]})`
  })
  if (latenessMs < LATE_MS) return missing
  const late = `this machine was up to ${msText(latenessMs)} late itself: no figure is more exact than that`
  return [...missing, late]
}

const WHY: Readonly<Record<Failure, string>> = {
  refused: 'nobody listens there',
  reset: 'the connection ended without an answer',
  timeout: 'no answer in time',
  unreachable: 'there is no way there',
  tls: 'no TLS handshake, or a certificate that this machine does not trust',
  answer: 'the answer was not that of a gateway that is well',
  unsent: 'this machine was too busy to send anything',
}

function whereText({ address, from, to, holders, ms }: FailoverView): string {
  if (to !== null) return `${address} moved from ${from} to ${to}, in ${seconds(ms)}.`
  if (holders === null) return `It is not known who has ${address} now.`
  if (holders.length === 0) return `Nobody has ${address} now.`
  return `${address} is with ${holders.join(' and ')} now.`
}

function clientsText(clients: readonly Clients[], paint: Paint): string {
  const rows = clients.map((each) => [
    CLIENTS[each.kind],
    String(each.sent),
    String(each.failed),
    String(each.cut),
    silenceText(each),
    each.slowestMs === null ? '' : msText(each.slowestMs),
  ])
  const head = ['CLIENTS', 'SENT', 'FAILED', 'CUT', 'LONGEST WITHOUT AN ANSWER', 'SLOWEST ANSWER']
  return tableText(head, rows, paint)
}

function silenceText({ silence }: Clients): string {
  if (silence === null) return ''
  const { ms, unknownMs, isOver } = silence
  const unseen = unknownMs < 1 ? '' : `, ${msText(unknownMs)} of it not seen`
  return `${msText(ms)}${isOver ? '' : ', until the end'}${unseen}`
}

function msText(ms: number): string {
  return `${Math.round(ms)} ms`
}
