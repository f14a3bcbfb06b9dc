import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as pass } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { throwawayCertificate } from '../src/certificate/throwaway.js'
import { KINDS, type Rates } from '../src/drill/sample.js'
import { summaryOf } from '../src/drill/summary.js'
import { bundledProber } from '../test/drill/bundled.js'

/**
 * What the load of a drill costs this machine: `npx tsx bench/prober.ts [SECONDS]`. The server that answers is a process of
 * its own, whose time is not counted.
 */

const DOMAIN = 'api.example.com'
const RATES: Rates = { tcp: 100, tls: 50, keepalive: 50, http2: 50 }

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

async function measure(server: ChildProcess, seconds: number): Promise<void> {
  const [{ port, root }] = (await once(server, 'message')) as [Served]
  const target = { address: '127.0.0.1', port, domain: DOMAIN, path: '/health', roots: [root] }
  const bundled = await bundledProber()
  const prober = await bundled.LoadProber.start(target, { rates: RATES, timeoutMs: 1000 })
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
    const { sent, failed, cut, p50Ms, p99Ms, outage } = summaryOf(ledger, kind)
    const worst = outage === null ? 'no outage' : `an outage of ${outage.ms.toFixed(0)} ms`
    console.log(
      `${kind}: ${sent} sent, ${failed} failed, ${cut} cut, median ${p50Ms?.toFixed(1)} ms, ` +
        `99 % within ${p99Ms?.toFixed(1)} ms, ${worst}`,
    )
  }
}

const [first = '30'] = process.argv.slice(2)
if (first === 'serve') await serve()
else await measure(fork(fileURLToPath(import.meta.url), ['serve']), Number(first))
