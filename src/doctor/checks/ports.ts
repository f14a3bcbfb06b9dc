import type { Listener } from '../../facts/listeners.js'
import { error, judged } from '../../health/judgement.js'
import { isNeeded, NEEDED_PORTS } from '../../health/standing.js'
import type { Finding, Judgement } from '../../model/health.js'
import { cleanLine } from '../../shell/clean.js'

/** Whether the ports of a gateway are free, or NGINX's already. */
export function judgePorts(host: string, listeners: readonly Listener[]): Judgement {
  const taken = listeners.filter((each) => isNeeded(each) && !each.programs.includes('nginx'))
  return judged(NEEDED_PORTS.flatMap((port) => judgePort(host, port, taken)))
}

/** A program that has the port on one address only keeps NGINX from having it on all. */
function judgePort(host: string, port: number, taken: readonly Listener[]): Finding[] {
  const listeners = taken.filter((each) => each.port === port)
  if (listeners.length === 0) return []
  const programs = [...new Set(listeners.flatMap((each) => each.programs))].map(cleanLine)
  const addresses = [...new Set(listeners.map(({ address }) => cleanLine(address)))]
  return [
    error(
      `port ${port} is taken by ${programs.join(' and ') || 'a program without a name'} on ${addresses.join(' and ')}`,
      `Stop and disable what started it; its process: gw exec ENV ${host} -- "ss -Hltnp 'sport = :${port}'"`,
    ),
  ]
}
