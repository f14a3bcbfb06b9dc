import type { Check } from './check.js'
import { groupHosts } from './groups.js'
import { checkIdentityHeaders, checkRequiredHeaders, checkResponseHeaders } from './header-checks.js'
import { checkLimits, checkRateLimits } from './limit-checks.js'
import { checkPools } from './pool-checks.js'
import { checkRoutes } from './route-checks.js'
import { checkServedFolders, checkLogs } from './system-folders.js'
import { checkTls } from './tls-checks.js'
import { checkPriorities, checkVipAddresses, checkVirtualIp } from './vip-checks.js'

/** The relations between a gateway's parts, one check each. */
export const GATEWAY_CHECKS: readonly ((check: Check) => void)[] = [
  checkGatewayGroup,
  checkPriorities,
  checkVirtualIp,
  checkVipAddresses,
  checkTls,
  checkPools,
  checkRoutes,
  checkServedFolders,
  checkRateLimits,
  checkLimits,
  checkResponseHeaders,
  checkIdentityHeaders,
  checkRequiredHeaders,
  checkLogs,
]

function checkGatewayGroup(check: Check): void {
  const { gateway } = check.file
  if (gateway === undefined) return
  const hosts = groupHosts(check, gateway.group, ['gateway', 'group'])
  if (hosts?.size === 0) check.report(['gateway', 'group'], `the group \`${gateway.group}\` has no hosts`)
}
