import { backendLost } from './backend-lost.js'
import { certificateBroken } from './certificate-broken.js'
import { diskFull } from './disk-full.js'
import { handover } from './handover.js'
import { hostCut } from './host-cut.js'
import { hostFrozen } from './host-frozen.js'
import { keepalivedKilled } from './keepalived-killed.js'
import { keepalivedStopped } from './keepalived-stopped.js'
import { nginxHung } from './nginx-hung.js'
import { nginxKilled } from './nginx-killed.js'
import { nginxStopped } from './nginx-stopped.js'
import { peerCut } from './peer-cut.js'
import { poolLost } from './pool-lost.js'
import { reboot } from './reboot.js'
import type { Scenario } from './scenario.js'

/** All scenarios, in the order in which they are run. */
export const SCENARIOS: readonly Scenario[] = [
  nginxStopped,
  nginxKilled,
  nginxHung,
  keepalivedStopped,
  keepalivedKilled,
  hostFrozen,
  peerCut,
  hostCut,
  diskFull,
  certificateBroken,
  backendLost,
  poolLost,
  handover,
  reboot,
]
