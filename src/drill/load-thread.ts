import { on } from 'node:events'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { Load } from './load.js'
import type { LoadMessage, LoadOrder, LoadRequest } from './load-prober.js'

/** What runs in the thread of a LoadProber. */
async function main(): Promise<void> {
  const say = (message: LoadMessage): void => parentPort?.postMessage(message)
  const { target, options } = workerData as LoadOrder
  const load = await Load.begin(target, options, {
    late: () => {
      say({ late: true })
    },
    clean: (cleanMs) => {
      say({ cleanMs })
    },
  })
  say({ begun: load.firstFailures })
  if (parentPort !== null) await untilStopped(parentPort, load)
  say({ ledger: await load.stop() })
}

async function untilStopped(port: MessagePort, load: Load): Promise<void> {
  for await (const [request] of on(port, 'message') as AsyncIterable<[LoadRequest]>) {
    if (request === 'stop') return
    load.watchOutage(request.maxOutageMs)
  }
}

await main()
