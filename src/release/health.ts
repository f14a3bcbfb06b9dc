import type { Duplex } from 'node:stream'
import { GwError } from '../errors.js'
import { OWN_PATHS } from '../model/own-paths.js'
import { probeHttps } from '../probe/probes.js'
import { healthIn } from './health-answer.js'

/** What a gateway's /health answered: which release serves, on which gateway (null where it does not tell), and after how many milliseconds. */
export interface HealthAnswer {
  readonly release: string
  readonly node: string | null
  readonly ms: number
}

interface HealthRequest {
  /** The domain of the gateway, for SNI and Host. */
  readonly domain: string
  /** For the handshake and the whole answer, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * Asks a gateway over `stream` which release it serves. The certificate is not judged, since the question is who answers,
 * not whether clients trust it. Destroys the stream.
 * @throws GwError RELEASE_NOT_SERVED with what came instead, in words that are safe to show
 */
export async function askHealth(stream: Duplex, { domain, timeoutMs }: HealthRequest): Promise<HealthAnswer> {
  const request = { domain, path: OWN_PATHS.health, timeoutMs, roots: [] }
  const probe = await probeHttps(() => Promise.resolve(stream), request)
  if ('failure' in probe) throw notServed(probe.why)
  const health = healthIn(probe.answer)
  if ('instead' in health) throw notServed(health.instead)
  return { ...health, ms: probe.answer.ms }
}

function notServed(instead: string): GwError {
  return new GwError('RELEASE_NOT_SERVED', `${OWN_PATHS.health} was answered with ${instead}`)
}
