import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as pass } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { throwawayCertificate } from '../src/certificate/throwaway.js'
import { silenceOf } from '../src/drill/outage.js'
import { KINDS, type Rates } from '../src/drill/sample.js'
import { summaryOf } from '../src/drill/summary.js'
import { bundledProber } from '../test/drill/bundled.js'

/**
 * What the load of a drill costs this machine: `npx tsx bench/prober.ts [SECONDS] [RATE]`, with so many new TCP and TLS
 * connections a second each. The server that answers is a process of its own, whose time is not counted.
 */

const DOMAIN = 'api.example.com'

interface Served {
  readonly port: number
  readonly root: string
}

async function serve(): Promise<void> {
  const { chain, key } = await throwawayCertificate(DOMAIN, new Date())
  const health = JSON.stringify({ status: 'healthy', release: 'v1.0', node: 'gw-1' })
  const server = createSecureServer({ cert: chain, key: key.reveal(), allowHTTP1: true }, (_, response) => {
    response.end(health)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const root = chain.slice(chain.lastIndexOf('-----BEGIN'))
  process.send?.({ port: (server.address() as AddressInfo).port, root } satisfies Served)
  process.once('disconnect', () => {
    process.exit()
  })
}

async function measure(server: ChildProcess, seconds: number, rate: number): Promise<void> {
  const [{ port, root }] = (await once(server, 'message')) as [Served]
  const target = { address: '127.0.0.1', port, domain: DOMAIN, path: '/health', roots: [root] }
  const rates: Rates = { tcp: rate, tls: rate, keepalive: rate / 2, http2: rate / 2 }
  const bundled = await bundledProber()
  const prober = await bundled.LoadProber.start(target, { rates, timeoutMs: 1000 })
  await pass(2000)
  const before = process.cpuUsage()
  await pass(seconds * 1000)
  const { user, system } = process.cpuUsage(before)
  const ledger = await prober.stop()
  server.disconnect()
  await bundled.remove()
  console.log(`of a core: ${((user + system) / seconds / 10_000).toFixed(1)} %, over ${seconds} s`)
  console.log(`late by ${ledger.latenessMs.toFixed(1)} ms at most, ${ledger.pauses.length} pauses`)
  for (const kind of KINDS) {
    const { sent, failed, cut, p50Ms, p99Ms } = summaryOf(ledger, kind)
    const silence = silenceOf(ledger, kind)
    console.log(
      `${kind}: ${sent} sent, ${failed} failed, ${cut} cut, median ${p50Ms?.toFixed(1)} ms, ` +
        `99 % within ${p99Ms?.toFixed(1)} ms, never more than ${silence?.ms.toFixed(0)} ms without an answer`,
    )
  }
}

const [first = '30', rate = '100'] = process.argv.slice(2)
if (first === 'serve') await serve()
else await measure(fork(fileURLToPath(import.meta.url), ['serve']), Number(first), Number(rate))
