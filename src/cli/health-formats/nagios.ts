import type { GwError } from '../../errors.js'
import { cleanLine } from '../../shell/clean.js'
import { countFindings, findingsOf, summaryParts, summaryText } from '../../ui/health-findings.js'
import { hostsWithout, type HealthView } from '../../ui/health-view.js'
import { counted } from '../../ui/text.js'
import type { CommandResult } from '../result.js'

/** What a monitoring plugin answers: a line on stdout and its exit code. */
export interface PluginAnswer {
  readonly line: string
  readonly exitCode: (typeof EXIT_CODES)[State]
}

/** What the guidelines want a plugin to exit with. */
const EXIT_CODES = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const
type State = keyof typeof EXIT_CODES

/** Older agents cut a plugin's output off at 1024 bytes, and with it the performance data. */
const LONGEST_LINE = 1000
const CUT_OFF = '...'

const DAY = 86_400_000

/** Pure: a judged environment as the Monitoring Plugins' guidelines want it, with performance data. `now` is for certificates. */
export function nagiosAnswer(view: HealthView, { now, ms }: { now: Date; ms: number }): PluginAnswer {
  return answer(stateOf(view), `${view.environment}: ${textOf(view)}`, performanceData(view, now, ms))
}

/** A failure before anything could be judged; null when `argv`, which may make no sense, does not ask for this format. */
export function nagiosFailure(error: GwError, argv: readonly string[]): CommandResult | null {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  if (words.includes('--json') || !/(^|\n)--format[=\n]nagios(\n|$)/.test(words.join('\n'))) return null
  const { line, exitCode } = nagiosError(error)
  return { exitCode, environment: null, text: line }
}

function nagiosError(error: GwError): PluginAnswer {
  const where = error.host === undefined ? '' : `${error.host}: `
  // The framework has its advice on lines of its own.
  const message = error.message.replaceAll(/\s+/g, ' ')
  return answer('UNKNOWN', `${where}${message} (${error.code})`, '')
}

function stateOf(view: HealthView): State {
  const { errors, warnings } = countFindings(view)
  // A gateway that cannot be reached may be down: somebody should look.
  if (view.verdict === 'fail' || errors > 0 || hostsWithout(view, 'unreachable').length > 0) return 'CRITICAL'
  if (view.verdict !== 'pass') return 'UNKNOWN'
  return warnings > 0 ? 'WARNING' : 'OK'
}

function textOf(view: HealthView): string {
  const first = firstTrouble(view)
  if (first !== null) return `${summaryParts(view).join(', ')}: ${first}`
  return view.verdict === 'pass' ? praise(view) : summaryText(view)
}

/** The gravest thing that was found, and how many more there are. */
function firstTrouble(view: HealthView): string | null {
  const findings = findingsOf(view)
  // Notes say why something has no verdict: they are of interest only where nothing else is.
  const grave = findings.filter(({ finding }) => finding.severity !== 'note')
  const [first, ...more] = grave.length > 0 ? grave : findings
  if (first === undefined) return null
  const text = `${first.where.join()} ${first.checks.join()}: ${first.finding.message}`
  return more.length === 0 ? text : `${text} (and ${more.length} more)`
}

function praise({ hosts, fleet }: HealthView): string {
  const releases = new Set(
    hosts.flatMap((host) => (host.state === 'judged' ? [host.health.release ?? 'none'] : [])),
  )
  return [
    counted(hosts.length, 'gateway'),
    `release ${[...releases].join(' and ')}`,
    ...(fleet?.holder == null ? [] : [`${fleet.holder} holds the virtual IP`]),
  ].join(', ')
}

function performanceData(view: HealthView, now: Date, ms: number): string {
  const { errors, warnings } = countFindings(view)
  const days = certificateDays(view, now)
  return [
    // U is what the guidelines have for a value that is not known.
    `healthy=${view.verdict === 'pass' ? '1' : view.verdict === 'fail' ? '0' : 'U'}`,
    `errors=${errors};;;0`,
    `warnings=${warnings};;;0`,
    `unreachable=${hostsWithout(view, 'unreachable').length};;;0;${view.hosts.length}`,
    ...(days === null ? [] : [`cert_days=${days.toFixed(1)}`]),
    `time=${(ms / 1000).toFixed(3)}s;;;0`,
  ].join(' ')
}

/** How long the first certificate to end still lasts, in days. */
function certificateDays({ hosts }: HealthView, now: Date): number | null {
  const ends = hosts
    .flatMap((host) => (host.state === 'judged' ? host.health.certificates : []))
    .map(({ notAfter }) => Date.parse(notAfter))
    .filter((end) => !Number.isNaN(end))
  return ends.length === 0 ? null : (Math.min(...ends) - now.getTime()) / DAY
}

/** The line, no longer than an agent takes; the text gives way to the performance data. */
function answer(state: State, text: string, data: string): PluginAnswer {
  const head = `GW ${state} - `
  const tail = data === '' ? '' : ` | ${data}`
  const room = LONGEST_LINE - head.length - tail.length
  // A bar begins the performance data, wherever it stands.
  const safe = cleanLine(text).replaceAll('|', '/').replaceAll('\t', ' ')
  return { line: `${head}${cutTo(safe, room)}${tail}`, exitCode: EXIT_CODES[state] }
}

/** As much of a text as fits into so many bytes. */
function cutTo(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  let [cut, left] = ['', bytes - CUT_OFF.length]
  for (const character of text) {
    left -= Buffer.byteLength(character)
    if (left < 0) break
    cut += character
  }
  return cut + CUT_OFF
}
