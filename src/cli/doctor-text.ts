import {
  HOST_CHECKS,
  MACHINE_CHECKS,
  NETWORK_CHECKS,
  type Checks,
  type Diagnosis,
} from '../doctor/diagnosis.js'
import { isUnreachable, type GwError } from '../errors.js'
import type { Finding, Judgement } from '../model/health.js'
import { cleanLine } from '../shell/clean.js'
import { tableText, type Cell } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'
import { counted } from '../ui/text.js'

type Paint = Terminal['paintOut']

/** A finding with the place and the check that it is of. */
interface Located {
  readonly place: string
  readonly check: string
  readonly finding: Finding
}

const GRAVITY = ['error', 'warning', 'note'] as const satisfies readonly Finding['severity'][]
const COLOURS = { error: 'red', warning: 'yellow', note: 'dim' } as const

/** The checks of each place as tables, then what was found, the gravest first, then what it comes to. */
export function doctorText(diagnosis: Diagnosis, errors: readonly GwError[], paint: Paint): string {
  const { machine, hosts, network } = diagnosis
  const absent = new Map(errors.map((error) => [error.host, isUnreachable(error) ? 'unreachable' : 'FAIL']))
  const rows = hosts.map(({ host, checks }) => ({ place: host, checks, absent: absent.get(host) }))
  const found = findings(diagnosis, absent)
  return [
    checksTable('THIS MACHINE', MACHINE_CHECKS, [{ place: '', checks: machine }], paint),
    ...(hosts.length === 0 ? [] : [checksTable('HOST', HOST_CHECKS, rows, paint)]),
    ...(network.vrrp === undefined
      ? []
      : [checksTable('NETWORK', NETWORK_CHECKS, [{ place: '', checks: network }], paint)]),
    ...(found.length === 0 ? [] : [found.flatMap((each) => findingLines(each, paint)).join('\n')]),
    summary(diagnosis, found, absent.size, paint),
  ].join('\n\n')
}

interface Row<Name extends string> {
  readonly place: string
  readonly checks: Checks<Name>
  /** What stands in place of the first check of a host that could not be asked. */
  readonly absent?: string | undefined
}

/** Only columns that some row has something in. */
function checksTable<Name extends string>(
  head: string,
  names: readonly Name[],
  rows: readonly Row<Name>[],
  paint: Paint,
): string {
  const shown = names.filter((name) => rows.some(({ checks }) => checks[name] !== undefined))
  return tableText(
    [head, ...shown.map((name) => name.toUpperCase())],
    rows.map(({ place, checks, absent }) => [
      place,
      ...(absent === undefined ? shown.map((name) => cellOf(checks[name])) : [bad(absent)]),
    ]),
    paint,
  )
}

function bad(text: string): Cell {
  return { text, style: ['red', 'bold'] }
}

function cellOf(judgement: Judgement | undefined): Cell {
  switch (judgement?.verdict) {
    case 'pass':
      return judgement.findings.some(({ severity }) => severity === 'warning')
        ? { text: 'warn', style: 'yellow' }
        : { text: 'ok', style: 'green' }
    case 'fail':
      return bad('FAIL')
    case 'inconclusive':
      return { text: '?', style: 'yellow' }
    case undefined:
      return ''
  }
}

/** Why a host could not be asked is told by its error, below all this. */
function findings(
  { machine, hosts, network }: Diagnosis,
  absent: ReadonlyMap<string | undefined, string>,
): Located[] {
  const all = [
    ...located('this machine', machine),
    ...hosts.flatMap(({ host, checks }) => (absent.has(host) ? [] : located(host, checks))),
    ...located('network', network),
  ]
  return GRAVITY.flatMap((severity) => all.filter(({ finding }) => finding.severity === severity))
}

function located(place: string, checks: Readonly<Partial<Record<string, Judgement>>>): Located[] {
  return Object.entries(checks).flatMap(([check, judgement]) =>
    (judgement?.findings ?? []).map((finding) => ({ place, check, finding })),
  )
}

function findingLines({ place, check, finding }: Located, paint: Paint): string[] {
  const { severity, message, help } = finding
  const head = [
    paint('bold', cleanLine(place)),
    check,
    paint(COLOURS[severity], severity),
    cleanLine(message),
  ]
  return [head.join('  '), ...(help === '' ? [] : [`    ${cleanLine(help)}`])]
}

function summary({ verdict }: Diagnosis, found: readonly Located[], absent: number, paint: Paint): string {
  const count = (severity: Finding['severity']): number =>
    found.filter(({ finding }) => finding.severity === severity).length
  const parts = [
    ...(count('error') > 0 ? [counted(count('error'), 'error')] : []),
    ...(count('warning') > 0 ? [counted(count('warning'), 'warning')] : []),
    ...(absent > 0 ? [`${counted(absent, 'host')} could not be asked`] : []),
  ]
  const said = parts.length === 0 ? '' : `: ${parts.join(', ')}`
  switch (verdict) {
    case 'pass':
      return paint('green', `fit${said}`)
    case 'fail':
      return paint('red', `not fit${said}`)
    case 'inconclusive':
      return paint('yellow', `inconclusive${said}`)
  }
}
