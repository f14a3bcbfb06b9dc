import { judged, unjudged, warning } from '../../health/judgement.js'
import { allowForwarding } from '../../health/on-host.js'
import type { Judgement } from '../../model/health.js'

/** Whether gw can ask a gateway for what it serves by way of its SSH, as it does to prove a release and to judge it. */
export function judgeForwarding(host: string, forwards: boolean | null): Judgement {
  if (forwards === null) return unjudged('whether its sshd forwards connections could not be tried')
  if (forwards) return judged([])
  return judged([
    warning(
      'its sshd forwards no TCP connections, so this machine must reach ports 80 and 443 of the gateways itself to prove a release, and gw health cannot judge http, upstreams and certificate',
      allowForwarding(host),
    ),
  ])
}
