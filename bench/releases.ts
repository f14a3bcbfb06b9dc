import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Publishes and goes back again on a lab that is up: `npx tsx bench/releases.ts INVENTORY VIP [ROUNDS]`. Prints medians and
 * the worst of: publish to confirmed for each host, a deploy of one changed line, a rollback from the prompt until the
 * virtual IP serves the old release, and gw's peak memory.
 */

const [inventory = '', vip = '', rounds = '10'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'gw-bench-'))
const env = { ...process.env, XDG_STATE_HOME: folder }

interface Ended {
  readonly ms: number
  readonly peakMb: number
}

/** Runs gw to its end; its peak memory is what the kernel says just before that. */
function gw(...words: readonly string[]): Promise<Ended> {
  const begin = performance.now()
  const child = spawn('node', ['bin/run.js', ...words, '--yes'], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  let peakMb = 0
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const look = setInterval(() => {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(statusOf(child.pid))?.[1]
    if (peak !== undefined) peakMb = Number(peak) / 1024
  }, 20)
  return new Promise((resolve, reject) => {
    child.on('close', (status) => {
      clearInterval(look)
      if (status === 0) resolve({ ms: performance.now() - begin, peakMb })
      else reject(new Error(`gw ${words.join(' ')} ended with ${status ?? 'a signal'}\n${stderr}`))
    })
  })
}

function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid ?? 0}/status`, 'utf8')
  } catch {
    return ''
  }
}

/** The release that answers through the virtual IP, over a new connection. */
function served(): Promise<string> {
  return new Promise((resolve) => {
    const options = { host: vip, path: '/health', headers: { Host: 'api.lab.example' } }
    const tls = { servername: 'api.lab.example', rejectUnauthorized: false, agent: false as const }
    const asked = request({ ...options, ...tls }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      answer.on('end', () => {
        resolve((JSON.parse(text) as { release: string }).release)
      })
    })
    asked.on('error', () => {
      resolve('')
    })
    asked.end()
  })
}

/** How long it took until a release answers; at most a minute. */
async function untilServed(release: string, begin: number): Promise<number> {
  while ((await served()) !== release) {
    if (performance.now() - begin > 60_000) throw new Error(`${release} is not served`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return performance.now() - begin
}

/** From the moment at which each host's program of changes began until it was confirmed, in ms. */
function publishToConfirmed(): number[] {
  const newest = readdirSync(join(folder, 'gw/runs')).sort().at(-1) ?? ''
  const events = readFileSync(join(folder, 'gw/runs', newest), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, string>)
  const at = (match: (event: Record<string, string>) => boolean): number =>
    Date.parse(events.find(match)?.['time'] ?? '')
  const hosts = [...new Set(events.flatMap((event) => event['host'] ?? []))]
  const begin = at(({ type, play }) => type === 'play.started' && play === 'Publish')
  const end = Math.max(
    ...hosts.map((host) =>
      at(
        (event) => event['host'] === host && event['step'] === 'Confirm it' && event['type'] === 'step.ended',
      ),
    ),
  )
  return [(end - begin) / hosts.length]
}

function row(what: string, values: readonly number[], unit: string): string {
  const sorted = [...values].sort((one, other) => one - other)
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN
  return `| ${what} | ${median.toFixed(0)} ${unit} | ${(sorted.at(-1) ?? NaN).toFixed(0)} ${unit} |`
}

async function main(): Promise<void> {
  const changed = join(folder, 'changed.yml')
  const [publishes, deploys, rollbacks, totals, peaks]: number[][] = [[], [], [], [], []]
  for (let round = 0; round < Number(rounds); round += 1) {
    const gateway = { pools: { admin: { weights: { 'admin-3': 10 + round } } } }
    writeFileSync(changed, JSON.stringify({ extends: join(process.cwd(), inventory), gateway }))
    const before = await served()
    const deploy = await gw('deploy', changed)
    publishes?.push(...publishToConfirmed())
    deploys?.push(deploy.ms)
    const begin = performance.now()
    const rollback = gw('rollback', changed)
    // One that fails must end the waiting, too.
    const [servedAfter, { ms, peakMb }] = await Promise.all([untilServed(before, begin), rollback])
    rollbacks?.push(servedAfter)
    totals?.push(ms)
    peaks?.push(deploy.peakMb, peakMb)
  }
  console.log('| | median | worst |\n| --- | ---: | ---: |')
  console.log(row('publish to confirmed, for each of two gateways', publishes ?? [], 'ms'))
  console.log(row('`gw deploy` of one changed line, two gateways', deploys ?? [], 'ms'))
  console.log(row('`gw rollback`, from the prompt until the virtual IP serves it', rollbacks ?? [], 'ms'))
  console.log(row('`gw rollback`, until it ends', totals ?? [], 'ms'))
  console.log(row("gw's peak memory", peaks ?? [], 'MB'))
}

await main().finally(() => {
  rmSync(folder, { recursive: true })
})
