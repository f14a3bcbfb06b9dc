import { lines, sh, type Script } from '../shell/script.js'
import type { Fact } from './fact.js'
import { endSection, sectionsOf, textOf } from './release-files.js'

/**
 * What a program says of the files that it would read now. `output` is at most 16 KiB, as it came, and empty when it finds
 * nothing odd. Debian's NGINX begins a line with the time and its process (`2026/11/21 23:15:01 [warn] 7#7: `), others with
 * `nginx: [warn] `.
 */
interface ConfigurationTest {
  readonly passed: boolean
  readonly output: string
}

/** What can be said of the configuration on disk without knowing what it should be. */
export interface ConfigurationCheck {
  /** `nginx -t`, warnings included. */
  readonly nginx: ConfigurationTest
  /** `keepalived -t`. */
  readonly keepalived: ConfigurationTest
  /** The file of the published release (or link to it) that was changed last, and how long ago; null without a release. */
  readonly newest: { readonly path: string; readonly ageSeconds: number } | null
  /** The last line of NGINX's error log that says [emerg], and how long ago; null when its last 256 KiB have none. */
  readonly emergency: { readonly ageSeconds: number; readonly text: string } | null
}

/** Every path absolute. */
interface ConfigurationQuestion {
  /** The link to the published release. */
  readonly current: string
  /** Links to its files. */
  readonly links: readonly string[]
  /** What the programs read when they are started or reloaded. */
  readonly nginxConfiguration: string
  readonly keepalivedConfiguration: string
  readonly errorLog: string
}

/** How long a program may take for its test: less than whoever asks has for the whole host, which may say all else at once. */
const PATIENCE_SECONDS = 3

/** How `timeout` ends when it has ended its program. */
const TIMED_OUT = '124'

/**
 * Both programs test the files that they would read now. gw writes nothing; `nginx -t` makes what is missing of the log
 * files, the folders for bodies and the pid file (empty), as it does before each start.
 */
export const configurationCheck: Fact<ConfigurationQuestion, ConfigurationCheck> = {
  name: 'configuration-check',
  script: (args) => lines(args.map(checkScript)),
  parse(output, args) {
    const sections = sectionsOf(output)
    if (sections.length !== 3 * args.length) {
      throw new Error('the sections of the answer about a configuration are not complete')
    }
    return args.map((_arg, index) => readCheck(sections.slice(3 * index, 3 * (index + 1))))
  },
}

/** An [emerg] of NGINX with its time. In the middle of a line it may be the text of a client. */
const EMERGENCY = '^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} \\[emerg\\] [0-9]+#[0-9]+: '

/** The tests cost the most, so they run side by side: what the first one says waits in a pipe for the other one's end. */
function checkScript({
  current,
  links,
  nginxConfiguration,
  keepalivedConfiguration,
  errorLog,
}: ConfigurationQuestion): Script {
  return sh`
    (
    unset TZ
    try() {
      o=$(timeout ${PATIENCE_SECONDS} "$@" 2>&1 </dev/null)
      printf '%s\0=%.16384s\0' "$?" "$o"
    }
    try keepalived -t -f ${keepalivedConfiguration} | {
      try nginx -t -q -c ${nginxConfiguration}
      cat
    }
    ${endSection}
    [ ! -d ${current} ] ||
      find ${`${current}/`} ${links} ! -type d ! -path ${`${current}/manifest.json`} -printf '%C@ %p\0'
    ${endSection}
    e=$(tail -c 262144 -- ${errorLog} | grep -aE ${EMERGENCY} | tail -n 1)
    t=$(printf 'now\n%.19s\n' "$e" | date -f - +%s.%N)
    printf '%s\0=%.4096s\0' "$t" "$e"
    ${endSection}
    )`
}

function readCheck([tested = [], changed = [], logged = []]: string[][]): ConfigurationCheck {
  const [times = '', emergency] = logged
  const [now = 0, at] = times.split('\n').map(secondsOf)
  const text = textOf(emergency)
  return {
    nginx: testOf(tested[0], tested[1]),
    keepalived: testOf(tested[2], tested[3]),
    newest: newestOf(changed, now),
    emergency: text === '' || at === undefined ? null : { ageSeconds: Math.max(0, now - at), text },
  }
}

function testOf(status: string | undefined, output: string | undefined): ConfigurationTest {
  if (status === undefined || !/^\d{1,3}$/.test(status)) throw new Error(`"${status}" is no exit status`)
  const said = textOf(output).trim()
  const silent = status === TIMED_OUT && said === ''
  return { passed: status === '0', output: silent ? `no answer within ${PATIENCE_SECONDS} s` : said }
}

function newestOf(changed: readonly string[], now: number): ConfigurationCheck['newest'] {
  let newest: { path: string; at: number } | null = null
  for (const record of changed) {
    const space = record.indexOf(' ')
    const at = secondsOf(record.slice(0, space))
    if (newest === null || at > newest.at) newest = { path: record.slice(space + 1), at }
  }
  return newest === null ? null : { path: newest.path, ageSeconds: Math.max(0, now - newest.at) }
}

function secondsOf(text: string): number {
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) throw new Error(`"${text}" is no time`)
  return Number(text)
}
