import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { connect } from 'node:tls'
import { parse } from 'yaml'

/**
 * Whether the virtual IP moves although nothing fails, on a lab that is up:
 * `npx tsx bench/false-failovers.ts LAB [MINUTES] [PROFILE] [container]`. Deploys the profile (`fast` unless said), keeps all
 * processors of this machine busy, and as many processes again in each gateway, asks through the virtual IP 20 times a second
 * over new TLS connections, and prints how often keepalived changed its state. What it started ends with it, also by Ctrl-C,
 * and by itself when it is killed. Exit code 1 when the address moved.
 *
 * A container's keepalived cannot have the real-time priority that it asks for and that it has on a host. So it is given that
 * from outside, by root, where the kernel's groups of processes (v1) allow for it; with `container` it is not.
 */

const [lab = '', minutes = '30', profile = 'fast', kind = 'host'] = process.argv.slice(2)
/** The group of this machine's own processes, and those of a container. */
const GROUP = '/sys/fs/cgroup/cpu'
const ROOT = join(import.meta.dirname, '..')
const FOLDER = join(ROOT, 'lab/.labs', lab)
const INVENTORY = join(FOLDER, 'inventory.yml')
const VARIANT = join(FOLDER, 'false-failovers.yml')
const GATEWAYS = ['gw-1', 'gw-2']
const AUDIT = '/var/log/gw/audit.jsonl'

const SECONDS = Number(minutes) * 60
const PROCESSORS = availableParallelism()
const BUSY = 'while :; do :; done'
const PERIOD_MS = 50
const PATIENCE_MS = 5000

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    ended.abort()
  })

function on(host: string, script: string): string {
  return execFileSync('docker', ['exec', `gw-lab-${lab}-${host}`, 'sh', '-c', script], { encoding: 'utf8' })
}

function deploy(inventory: string): void {
  execFileSync(process.execPath, [join(ROOT, 'bin/run.js'), 'deploy', inventory, '--yes'], {
    stdio: 'ignore',
  })
}

/** Gives keepalived on a gateway the real-time priority of its configuration; answers what takes it back. */
function prioritise(host: string): () => void {
  const inspect = ['inspect', '--format={{.Id}}', `gw-lab-${lab}-${host}`]
  const id = execFileSync('docker', inspect, { encoding: 'utf8' }).trim()
  const group = join(GROUP, 'docker', id, 'cgroup.procs')
  const pids = readFileSync(group, 'utf8')
    .split('\n')
    .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'keepalived\n')
  for (const pid of pids) {
    // The group of a container may have no real-time processes at all.
    writeFileSync(join(GROUP, 'cgroup.procs'), pid)
    execFileSync('chrt', ['--fifo', '--pid', '50', pid])
  }
  return () => {
    for (const pid of pids) {
      execFileSync('chrt', ['--other', '--pid', '0', pid])
      writeFileSync(group, pid)
    }
  }
}

function virtualIp(): string {
  const inventory = parse(readFileSync(INVENTORY, 'utf8')) as { gateway: { vip: { address: string } } }
  return inventory.gateway.vip.address.replace(/\/.*/, '')
}

/** Busy processes of normal priority that end by themselves; answers what ends them at once. */
function keepBusy(): () => void {
  const longest = String(Math.ceil(SECONDS) + 60)
  const own: ChildProcess[] = []
  const inside: [string, string][] = []
  const end = (): void => {
    for (const child of own) child.kill()
    for (const [host, pid] of inside) on(host, `kill ${pid} 2>/dev/null || :`)
  }
  try {
    for (let count = 0; count < PROCESSORS; count += 1)
      own.push(spawn('timeout', [longest, 'sh', '-c', BUSY], { stdio: 'ignore' }))
    const start = `timeout ${longest} sh -c '${BUSY}' >/dev/null 2>&1 & echo $!`
    for (const host of GATEWAYS)
      for (let count = 0; count < PROCESSORS; count += 1) inside.push([host, on(host, start).trim()])
  } catch (error) {
    end()
    throw error
  }
  return end
}

async function rest(ms: number): Promise<void> {
  await pass(ms, undefined, { signal: ended.signal }).catch(() => undefined)
}

/** When a request over a new connection was answered; null when it was not. */
function asked(host: string): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 443, servername: 'api.lab.example', rejectUnauthorized: false })
    const end = (at: number | null): void => {
      socket.destroy()
      resolve(at)
    }
    for (const event of ['error', 'close'])
      socket.once(event, () => {
        end(null)
      })
    socket.setTimeout(PATIENCE_MS, () => {
      end(null)
    })
    socket.once('data', () => {
      end(performance.now())
    })
    socket.write('GET /health HTTP/1.1\r\nHost: api.lab.example\r\nConnection: close\r\n\r\n')
  })
}

/** Asks at a fixed rate until the time is over, whatever becomes of the requests. */
async function askAllAlong(host: string): Promise<(number | null)[]> {
  const requests: Promise<number | null>[] = []
  const timer = setInterval(() => requests.push(asked(host)), PERIOD_MS)
  await rest(SECONDS * 1000)
  clearInterval(timer)
  return Promise.all(requests)
}

function longestSilence(answers: readonly (number | null)[]): number {
  const times = answers.filter((at) => at !== null).sort((one, other) => one - other)
  return Math.max(0, ...times.slice(1).map((at, index) => at - (times[index] ?? at)))
}

/** The states that keepalived of a host went into since its audit file had so many lines. */
function states(host: string, lines: number): string[] {
  return on(host, `tail -n +${lines + 1} ${AUDIT}`)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { event: string; state?: string })
    .flatMap(({ event, state }) => (event === 'vrrp' && state !== undefined ? [state] : []))
}

async function measured(): Promise<boolean> {
  const vip = virtualIp()
  const before = GATEWAYS.map((host) => Number(on(host, `wc -l <${AUDIT}`)))
  const begin = performance.now()
  const answers = await askAllAlong(vip)
  const seconds = (performance.now() - begin) / 1000
  const changes = GATEWAYS.flatMap((host, index) => states(host, before[index] ?? 0))
  const moves = changes.filter((state) => state === 'MASTER').length
  const failed = answers.filter((at) => at === null).length
  const load = `${kind}, ${PROCESSORS} processors, ${PROCESSORS * (1 + GATEWAYS.length)} busy processes`
  const requests = `${answers.length} requests, ${failed} failed, longest silence ${longestSilence(answers).toFixed(0)} ms`
  console.log(
    `${profile}: ${load}, ${(seconds / 60).toFixed(1)} min: ${changes.length} transitions, ${moves} moves; ${requests}`,
  )
  return moves === 0
}

async function underLoad(): Promise<void> {
  // keepalived has read the profile, and whoever is to have the address has it.
  await rest(5000)
  const end = keepBusy()
  try {
    if (!(await measured())) process.exitCode = 1
  } finally {
    end()
  }
}

writeFileSync(VARIANT, `extends: ./inventory.yml\ngateway: { vrrp: { profile: ${profile} } }\n`)
const undo: (() => void)[] = []
try {
  deploy(VARIANT)
  if (kind === 'host') for (const host of GATEWAYS) undo.push(prioritise(host))
  await underLoad()
} finally {
  for (const each of undo) each()
  rmSync(VARIANT)
  deploy(INVENTORY)
}
