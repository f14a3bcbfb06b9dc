import type { FleetCheckName, HostHealth, PhaseName } from '../model/health.js'
import { cleanLine } from '../shell/clean.js'
import { sharedFindings, summaryText, type LocatedFinding } from './health-findings.js'
import {
  absenceWord,
  cellKey,
  judgementWord,
  type CellWord,
  type HealthView,
  type HostColumn,
  type HostView,
} from './health-view.js'
import { tableText, type Cell } from './table.js'
import type { Terminal } from './terminal.js'
import { when } from './text.js'

type Paint = Terminal['paintOut']

/** How findings are drawn: lines longer than `columns` are broken between words. */
interface Drawing {
  readonly paint: Paint
  readonly columns: number
}

type Style = Extract<Parameters<Paint>[0], string>

/** Short enough for six phases beside a release in 80 columns. */
const HEADS: Readonly<Record<PhaseName, string>> = {
  process: 'PROCESS',
  configuration: 'CONFIG',
  ports: 'PORTS',
  http: 'HTTP',
  upstreams: 'UPSTREAMS',
  certificate: 'CERT',
}

const WORD_STYLES: Readonly<Record<CellWord, readonly Style[]>> = {
  ok: ['green'],
  warn: ['yellow'],
  FAIL: ['red', 'bold'],
  '?': ['yellow'],
  '...': ['gray'],
  unreachable: ['red', 'bold'],
  'no answer': ['red', 'bold'],
}

/**
 * The gateways by phases, the fleet's checks, what was found (the gravest first, each with what helps), and the verdict as
 * the last line. Safe to print, whatever hosts have put into it. A cell that changed has a `*`. Findings are broken into
 * lines of at most `columns`.
 */
export function healthText(view: HealthView, paint: Paint, columns = Number.POSITIVE_INFINITY): string {
  const findings = sharedFindings(view).flatMap((each) => found(each, { paint, columns }))
  return [
    ...(view.at === null ? [] : [headline(view, view.at, paint)]),
    hostTable(view, paint),
    ...(view.checks.length === 0 ? [] : [fleetTable(view, paint)]),
    ...(findings.length === 0 ? [] : [findings.join('\n')]),
    verdictLine(view, paint),
  ].join('\n\n')
}

function headline({ environment }: HealthView, at: Date, paint: Paint): string {
  return `${paint('bold', cleanLine(environment))}  ${when(at.toISOString())} UTC`
}

function hostTable(view: HealthView, paint: Paint): string {
  const heads = view.phases.map((phase) => HEADS[phase])
  return tableText(
    ['HOST', ...heads, 'RELEASE', 'VIP'],
    view.hosts.map((host) => [host.host, ...hostCells(host, view)]),
    paint,
  )
}

function hostCells(host: HostView, view: HealthView): Cell[] {
  const { phases } = view
  switch (host.state) {
    case 'pending':
      return phases.map(() => wordCell('...', false))
    case 'unanswered':
      return phases
        .slice(0, 1)
        .map((phase) => wordCell(absenceWord(host.error), isChanged(view, host.host, phase)))
    case 'judged':
      return judgedCells(host.health, view)
  }
}

function judgedCells({ host, phases, release, holdsAddress }: HostHealth, view: HealthView): Cell[] {
  return [
    ...view.phases.map((phase) => wordCell(judgementWord(phases[phase]), isChanged(view, host, phase))),
    marked(release ?? unknownRelease(phases), [], isChanged(view, host, 'release')),
    marked(holdsAddress ? 'holds it' : '', ['bold'], isChanged(view, host, 'vip')),
  ]
}

/** A gateway that answers with no release has none; of one that was not asked it is not known. */
function unknownRelease({ http }: HostHealth['phases']): 'none' | '?' {
  return http === undefined || http.verdict === 'inconclusive' ? '?' : 'none'
}

function fleetTable(view: HealthView, paint: Paint): string {
  const { environment, checks, fleet } = view
  const row = checks.map((check) =>
    wordCell(judgementWord(fleet?.checks[check]), isChanged(view, null, check)),
  )
  return tableText(['FLEET', ...checks.map((check) => check.toUpperCase())], [[environment, ...row]], paint)
}

function isChanged(
  { changed }: HealthView,
  host: string | null,
  column: HostColumn | FleetCheckName,
): boolean {
  return changed.has(cellKey(host, column))
}

function wordCell(word: CellWord, changed: boolean): Cell {
  return marked(word, WORD_STYLES[word], changed)
}

/** The mark is seen where there are no colours, too. */
function marked(text: string, styles: readonly Style[], changed: boolean): Cell {
  if (changed) return { text: `${text}*`, style: [...styles, 'inverse'] }
  return styles.length === 0 ? text : { text, style: [...styles] }
}

function found({ where, checks, finding }: LocatedFinding, { paint, columns }: Drawing): string[] {
  const { severity, help } = finding
  const [hosts, what] = [cleanLine(where.join(', ')), checks.join(', ')]
  const place = `${hosts}  ${what}  ${severity}  `
  const [first = '', ...more] = broken(cleanLine(finding.message), columns, place.length)
  const next = help === '' ? [] : [`    ${cleanLine(help)}`]
  // What could not be judged is no news beside what is wrong.
  if (severity === 'note') return [`${place}${first}`, ...more, ...next].map((line) => paint('dim', line))
  const colour = severity === 'error' ? 'red' : 'yellow'
  return [`${paint('bold', hosts)}  ${what}  ${paint(colour, severity)}  ${first}`, ...more, ...next]
}

const CONTINUED = '      '

/** A text in lines of at most so many columns where its words allow that; `taken` of the first are taken already. */
function broken(text: string, columns: number, taken: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const room = columns - (lines.length === 0 ? taken : 0)
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = `${CONTINUED}${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function verdictLine(view: HealthView, paint: Paint): string {
  const style = { pass: 'green', fail: 'red', inconclusive: 'yellow', none: 'gray' } as const
  return paint(style[view.verdict ?? 'none'], cleanLine(summaryText(view)))
}
