import type { HostSystem } from '../../facts/host-system.js'
import { judged, unjudged, warning } from '../../health/judgement.js'
import type { Judgement } from '../../model/health.js'

const MEGABYTE = 1024 * 1024
const LEAST_MEGABYTES = 256

/** Whether a host has memory left for a second generation of workers, which every reload needs. */
export function judgeMemory(host: string, { memoryBytes }: HostSystem): Judgement {
  if (memoryBytes === null) return unjudged('the host does not say how much memory it has left')
  const megabytes = Math.floor(memoryBytes / MEGABYTE)
  if (megabytes >= LEAST_MEGABYTES) return judged([])
  return judged([
    warning(
      `it has ${megabytes} MB of memory left, and ${LEAST_MEGABYTES} MB are wanted for old and new workers beside each other`,
      `gw exec ENV ${host} -- 'ps -eo rss,comm --sort=-rss | head'`,
    ),
  ])
}
