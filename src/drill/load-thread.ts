import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { Load } from './load.js'
import type { LoadMessage, LoadOrder } from './load-prober.js'

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
  if (parentPort !== null) await once(parentPort, 'message')
  say({ ledger: await load.stop() })
}

await main()
