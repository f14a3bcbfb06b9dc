import { ON_KEY } from './check.js'
import type { Check } from './check.js'
import { formatSize } from './size.js'

/** 1 GiB. */
const MOST_ZONES = 2 ** 30

export function checkRateLimits({ file: { gateway }, report }: Check): void {
  if (gateway === undefined) return
  const zones = Object.values(gateway.rate_limits).reduce((sum, { zone }) => sum + zone, 0)
  if (zones > MOST_ZONES)
    report(['gateway', 'rate_limits'], 'the zones of the rate limits take more than 1g together', ON_KEY)
}

export function checkLimits({ file: { gateway }, report }: Check): void {
  if (gateway === undefined) return
  const limits = gateway.limits
  const path = ['gateway', 'limits']
  const { connections_per_client: perClient, connections_per_server: perServer } = limits
  if (perClient > perServer)
    report(
      [...path, 'connections_per_client'],
      `a client may have ${perClient} connections and all of them together only ${perServer}`,
    )
  if (limits.max_uri > limits.max_header)
    report(
      [...path, 'max_uri'],
      `the URI is a part of the header, so max_uri (${formatSize(limits.max_uri)}) cannot be more than max_header (${formatSize(limits.max_header)})`,
    )
}
