import { lines, sh, type Script } from '../shell/script.js'
import type { Fact } from './fact.js'

/** A process whose name is nginx. */
export interface NginxProcess {
  readonly pid: number
  readonly parent: number
  /** By its title; `draining` is a worker that takes no new connections, `helper` a cache manager or loader. */
  readonly role: 'master' | 'worker' | 'draining' | 'helper' | 'other'
  /** A letter as the kernel has it: R, S, D, T (stopped by a signal), Z (dead) and so on. */
  readonly state: string
  /** How long it has run, in seconds with fractions. */
  readonly ageSeconds: number
}

/** NGINX as the kernel sees it. */
export interface NginxProcesses {
  /** What /run/nginx.pid holds; null without the file or without a number in it. */
  readonly pidFile: number | null
  readonly processes: readonly NginxProcess[]
  /** Processors that are online: what `worker_processes auto` means. */
  readonly processors: number
  /** The word of `worker_processes` in the published nginx.conf; null when it has none. */
  readonly workerProcesses: string | null
  /** The seconds of `worker_shutdown_timeout` there; null when it has none, or 0, which sets no limit. */
  readonly shutdownSeconds: number | null
}

interface ProcessesQuestion {
  /** Absolute. */
  readonly pidFile: string
  /** The published nginx.conf; absolute. */
  readonly configuration: string
}

/**
 * NGINX's processes, from /proc alone. Those of another PID namespace (a container's on the same host) are left out.
 * Whatever else bears the name is told, a `nginx -t` that runs just now too, as `other`; but no NGINX of people who are not
 * root, nor what they give its name.
 */
export const nginxProcesses: Fact<ProcessesQuestion, NginxProcesses> = {
  name: 'nginx-processes',
  script: (args) => lines(args.map(processesScript)),
  parse(output, args) {
    const sections = output.split(/^--\n/m).slice(0, -1)
    if (sections.length !== 3 * args.length)
      throw new Error("the answer about NGINX's processes is not whole")
    return args.map((_arg, index) => readProcesses(sections.slice(3 * index, 3 * (index + 1))))
  },
}

/**
 * A process tells of itself in one line each of three files, and any of them may be gone by now. The `grep` that reads two
 * of them reads of itself first: it began now, so that ages need no clock, which in some containers is another than the kernel's.
 */
function processesScript({ pidFile, configuration }: ProcessesQuestion): Script {
  return sh`
    (
    p=
    [ ! -f ${pidFile} ] || IFS= read -r p <${pidFile} || :
    printf '%s\n' "$p"
    getconf _NPROCESSORS_ONLN
    echo --
    set --
    u=
    for f in $(grep -lsxF nginx /proc/[0-9]*/comm); do
      d=\${f%/comm}
      [ -e $d/ns/pid ] && [ ! $d/ns/pid -ef /proc/self/ns/pid ] || {
        set -- "$@" $d/stat $d/cmdline
        u="$u $d/status"
      }
    done
    grep -aHs -m 1 '' /proc/self/stat "$@" | cut -b -1024
    [ -z "$u" ] || grep -Hs '^Uid:' $u
    echo --
    grep -asE -m 16 '(^|[;{}[:blank:]])worker_(processes|shutdown_timeout)[[:blank:]]' -- ${configuration}
    echo --
    )`
}

function readProcesses([own = '', told = '', settings = '']: string[]): NginxProcesses {
  const [pid = '', processors = ''] = own.split('\n')
  if (!/^[1-9]\d*$/.test(processors)) throw new Error(`"${processors}" is no count of processors`)
  const shutdown = directive('worker_shutdown_timeout', settings)
  return {
    pidFile: /^[1-9]\d{0,9}$/.test(pid) ? Number(pid) : null,
    processes: processesIn(told),
    processors: Number(processors),
    workerProcesses: directive('worker_processes', settings),
    shutdownSeconds: shutdown === null ? null : secondsOf(shutdown),
  }
}

/** What `/proc/PID/stat` counts times in, on every architecture of Debian. */
const TICKS_PER_SECOND = 100

function processesIn(told: string): readonly NginxProcess[] {
  const file = (name: string) =>
    new Map(
      [...told.matchAll(new RegExp(`^/proc/(\\w+)/${name}:(.*)$`, 'gm'))].map(([, id = '', line = '']) => [
        id,
        line,
      ]),
    )
  const stats = file('stat')
  const titles = file('cmdline')
  const users = file('status')
  const now = statOf(stats.get('self'))?.startTicks
  if (now === undefined) throw new Error('the answer about processes does not say when it was given')
  const all = [...stats].flatMap(([id, line]): OwnedProcess[] => {
    const stat = statOf(line)
    if (id === 'self' || stat === null) return []
    const { state, parent, startTicks } = stat
    const ageSeconds = Math.max(0, now - startTicks) / TICKS_PER_SECOND
    const role = roleOf(titles.get(id) ?? '')
    return [{ user: userIn(users.get(id)), told: { pid: Number(id), parent, role, state, ageSeconds } }]
  })
  return withoutForeign(all)
}

interface OwnedProcess {
  readonly told: NginxProcess
  /** null when it was gone before it told. */
  readonly user: number | null
}

/** The effective one of `Uid: REAL EFFECTIVE SAVED FILES`; null when it is gone by now. */
function userIn(line = ''): number | null {
  const user = /^Uid:\s+\d+\s+(\d+)\s/.exec(line)?.[1]
  return user === undefined ? null : Number(user)
}

/** From here on Debian numbers the users who log in; that of NGINX's workers is none of them, nor is nobody. */
const FIRST_PERSON = 1000

/** What bears the name of NGINX or its titles, and was not started by root, is nothing that a gateway serves by. */
function withoutForeign(all: readonly OwnedProcess[]): readonly NginxProcess[] {
  const masters = all.filter(({ told }) => told.role === 'master')
  return all.filter((each) => isOfGateway(each, masters)).map(({ told }) => told)
}

function isOfGateway({ told, user }: OwnedProcess, masters: readonly OwnedProcess[]): boolean {
  if (user === null || user === 0) return true
  if (told.role === 'master') return false
  const master = masters.find(({ told: { pid } }) => pid === told.parent)
  return master === undefined ? user < FIRST_PERSON : isOfGateway(master, masters)
}

/** Reads `PID (NAME) STATE PPID ...`; the 22nd field is the time of the start. */
function statOf(line = '') {
  const [state = '', parent, ...fields] = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const startTicks = fields[17]
  if (parent === undefined || startTicks === undefined) return null
  return { state, parent: Number(parent), startTicks: Number(startTicks) }
}

function roleOf(title: string): NginxProcess['role'] {
  const [, kind, rest = ''] =
    /^nginx: (master|worker|cache manager|cache loader) process(.*)$/.exec(title) ?? []
  if (kind === undefined) return 'other'
  if (kind.startsWith('cache')) return 'helper'
  if (kind === 'master') return 'master'
  return rest.startsWith(' is shutting down') ? 'draining' : 'worker'
}

/** The argument of a directive; NGINX refuses a second one of these. */
function directive(name: string, text: string): string | null {
  const written = new RegExp(`(?:^|[;{}\\s])${name}\\s+("[^"]*"|'[^']*'|[^\\s;"']+)\\s*;`, 'm')
  return written.exec(text.replaceAll(/#.*$/gm, ''))?.[1]?.replaceAll(/["']/g, '') ?? null
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  '': 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  y: 31_536_000,
}

/** Reads a time as NGINX does, such as `90`, `1h 30m` or `500ms`; null for 0, which sets no limit, and for no time. */
function secondsOf(time: string): number | null {
  if (!/^(?:\d{1,12}(?:ms|[smhdwMy]|\b) *)+$/.test(time)) return null
  const parts = [...time.matchAll(/(\d+)(ms|[smhdwMy]|)/g)]
  const seconds = parts.reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNIT_SECONDS[unit] ?? 0),
    0,
  )
  return seconds === 0 ? null : seconds
}
