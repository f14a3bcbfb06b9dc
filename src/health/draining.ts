import type { Finding } from '../model/health.js'
import { warning } from './judgement.js'
import type { HostObservation } from './observation.js'
import { onHost } from './on-host.js'
import { living, readSecondsAgo } from './standing.js'

/** Workers of one generation are born within that. */
const BIRTH_SECONDS = 0.5

const MOST_GENERATIONS = 3

/** After its time NGINX cuts a worker's connections, and it needs a moment to end. */
const GRACE_SECONDS = 5

/** Workers from before a reload, which only finish what they have: too many of them, or for too long. */
export function drainingFindings({ host, processes }: HostObservation): Finding[] {
  const draining = living(processes.processes).filter(({ role }) => role === 'draining')
  const generations = generationsOf(draining.map(({ ageSeconds }) => ageSeconds))
  // All of them drain for at least as long as the workers that took over are there.
  const seconds = readSecondsAgo(processes) ?? 0
  const { shutdownSeconds } = processes
  return [
    ...(generations > MOST_GENERATIONS
      ? [
          warning(
            `${generations} generations of workers still finish what they have: NGINX is reloaded faster than connections end`,
            onHost(host, 'ps -o pid,etimes,args -C nginx'),
          ),
        ]
      : []),
    ...(draining.length > 0 && shutdownSeconds !== null && seconds > shutdownSeconds + GRACE_SECONDS
      ? [
          warning(
            `${draining.length === 1 ? 'a worker is' : `${draining.length} workers are`} still finishing ${Math.floor(seconds)} s after a reload, though worker_shutdown_timeout is ${shutdownSeconds} s`,
            onHost(host, `kill -TERM ${draining.map(({ pid }) => pid).join(' ')}`),
          ),
        ]
      : []),
  ]
}

/** How many times workers were born, by their ages in seconds. */
export function generationsOf(ages: readonly number[]): number {
  const sorted = ages.toSorted((one, other) => one - other)
  return sorted.filter((age, index) => age - (sorted[index - 1] ?? -Infinity) > BIRTH_SECONDS).length
}
