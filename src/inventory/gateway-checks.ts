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

/** Each gateway has a VRRP priority of its own. */
const MOST_GATEWAYS = 100

function checkGatewayGroup(check: Check): void {
  const { gateway } = check.file
  if (gateway === undefined) return
  const path = ['gateway', 'group']
  const count = groupHosts(check, gateway.group, path)?.size
  if (count === 0) check.report(path, `the group \`${gateway.group}\` has no hosts`)
  if (count !== undefined && count > MOST_GATEWAYS)
    check.report(
      path,
      `the group \`${gateway.group}\` has ${count} hosts, and a virtual IP at most ${MOST_GATEWAYS} gateways`,
    )
}
