import { execFileSync } from 'node:child_process'
import { connect } from 'node:tls'
import { setTimeout as pass } from 'node:timers/promises'

/**
 * What the prober costs and what it is good for, on a lab that is up and deployed:
 * `npx tsx bench/liveness.ts LAB VIP [ROUNDS] [SECONDS]`. Prints its memory and processor time, what NGINX itself needs to
 * answer it, and how long nothing is answered through the virtual IP when all of NGINX hangs (SIGSTOP) on its holder.
 */

const [lab = '', vip = '', rounds = '10', seconds = '60'] = process.argv.slice(2)
const GATEWAYS = ['gw-1', 'gw-2']
const NGINX = 'master=$(cat /run/nginx.pid); set -- $master $(cat /proc/$master/task/$master/children)'
const PROBER = 'p=$(systemctl show --property=MainPID --value gw-liveness.service)'
const TICK_MS = 5
const PATIENCE_MS = 5000

function on(host: string, script: string): string {
  return execFileSync('docker', ['exec', `gw-lab-${lab}-${host}`, 'sh', '-c', script], { encoding: 'utf8' })
}

function holder(): string {
  const held = GATEWAYS.filter((host) => on(host, 'ip -o addr show').includes(` ${vip}/`))
  if (held.length !== 1) throw new Error(`${held.length} hosts hold ${vip}`)
  return held[0] ?? ''
}

/** Processor time of some processes so far, in ms. */
function spent(host: string, pids: string): number {
  const ticks = on(host, `${pids}; for p in $p; do cut -d ' ' -f 14,15 /proc/$p/stat; done`)
  return ticks.split(/\s+/).reduce((sum, field) => sum + Number(field) * 10, 0)
}

/** When a request over a new connection was answered; null when it was not. */
function asked(): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: vip, port: 443, servername: 'api.lab.example', rejectUnauthorized: false })
    const end = (at: number | null): void => {
      socket.destroy()
      resolve(at)
    }
    socket.setTimeout(PATIENCE_MS, () => {
      end(null)
    })
    socket.once('error', () => {
      end(null)
    })
    socket.once('close', () => {
      end(null)
    })
    socket.once('data', () => {
      end(performance.now())
    })
    socket.write('GET /health HTTP/1.1\r\nHost: api.lab.example\r\nConnection: close\r\n\r\n')
  })
}

/** The longest time without an answer, in ms, while all of NGINX hangs on the holder. */
async function outage(): Promise<number> {
  const host = holder()
  const requests: Promise<number | null>[] = []
  const timer = setInterval(() => requests.push(asked()), TICK_MS)
  await pass(500)
  on(host, `${NGINX}; kill -STOP "$@"`)
  await pass(2500)
  clearInterval(timer)
  const answers = (await Promise.all(requests)).filter((at) => at !== null).sort((one, other) => one - other)
  on(host, `${NGINX}; kill -CONT "$@"; until grep -q 0 /run/gw/liveness.state; do sleep 0.1; done`)
  return Math.max(...answers.map((at, index) => at - (answers[index - 1] ?? at)))
}

async function costs(): Promise<void> {
  const host = GATEWAYS.find((name) => name !== holder()) ?? ''
  const memory = on(host, `${PROBER}; grep -E '^(Rss|Pss|Anonymous):' /proc/$p/smaps_rollup`)
  console.log(memory.replaceAll(/ +/g, ' '))
  const nginx = `${NGINX}; p="$*"`
  const percent = async (pids: string): Promise<string> => {
    const before = spent(host, pids)
    await pass(Number(seconds) * 1000)
    return `${((spent(host, pids) - before) / Number(seconds) / 10).toFixed(2)} %`
  }
  const [prober, asking] = await Promise.all([percent(PROBER), percent(nginx)])
  on(host, 'systemctl stop gw-liveness.service')
  const idle = await percent(nginx)
  on(host, 'systemctl start gw-liveness.service')
  console.log(`of a core: the prober ${prober}, NGINX that answers it ${asking}, NGINX without it ${idle}`)
}

async function main(): Promise<void> {
  await costs()
  const outages: number[] = []
  for (let round = 0; round < Number(rounds); round += 1) outages.push(await outage())
  const sorted = outages.sort((one, other) => one - other).map((ms) => Math.round(ms))
  console.log(`without an answer when NGINX hangs, ms: ${sorted.join(' ')}`)
}

await main()
