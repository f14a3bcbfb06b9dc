import type { AptState } from '../../facts/apt-state.js'
import { error, judged, unjudged, warning } from '../../health/judgement.js'
import type { Finding, Judgement } from '../../model/health.js'
import { cleanLine } from '../../shell/clean.js'

/** What a deploy installs. */
export const PACKAGES = ['nginx', 'keepalived']

/** The oldest NGINX that gw writes configurations for. */
const OLDEST_NGINX = [1, 22]
const DAY = 86_400
const OLDEST_LISTS_DAYS = 30

/** Whether NGINX and keepalived are there or can be installed. */
export function judgePackages(host: string, apt: AptState | null): Judgement {
  if (apt === null) return unjudged('there is no apt, as the check system tells')
  return judged([
    ...judgeVersions(host, apt),
    ...judgeBroken(host, apt),
    ...judgeLists(host, apt),
    ...judgeHolder(host, apt),
  ])
}

function judgeVersions(host: string, { packages }: AptState): Finding[] {
  const unknown = packages.filter(({ installed, candidate }) => installed === null && candidate === null)
  const nginx = packages.find(({ name }) => name === 'nginx')
  const version = nginx?.installed ?? nginx?.candidate ?? null
  return [
    ...(unknown.length === 0
      ? []
      : [
          error(
            `apt knows no ${unknown.map(({ name }) => name).join(' and no ')} that it could install`,
            `gw exec ENV ${host} -- apt-get update`,
          ),
        ]),
    ...(version === null || isNewEnough(version)
      ? []
      : [
          error(
            `its NGINX ${cleanLine(version)} is older than ${OLDEST_NGINX.join('.')}`,
            'Upgrade the distribution; Debian 12 has one that is new enough.',
          ),
        ]),
  ]
}

/** By Debian's version, whose epoch (`1:`) is no part of NGINX's. */
function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^\d+:/, '').split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = OLDEST_NGINX
  // What is no number was not made by NGINX's numbering, and nothing can be said of it.
  return Number.isNaN(major + minor) || major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

function judgeBroken(host: string, { broken }: AptState): Finding[] {
  if (broken.length === 0) return []
  return [
    error(
      `an installation ended half-way, which keeps apt from any other: ${broken.map(cleanLine).join(', ')}`,
      `gw exec ENV ${host} -- 'dpkg --configure -a && apt-get -y --fix-broken install'`,
    ),
  ]
}

/** Missing lists matter only through what apt does not know, which the versions tell. */
function judgeLists(host: string, { listsAgeSeconds }: AptState): Finding[] {
  const days = Math.floor((listsAgeSeconds ?? 0) / DAY)
  if (days <= OLDEST_LISTS_DAYS) return []
  return [
    warning(
      `its lists of packages are ${days} days old, and what they name may be gone`,
      `gw exec ENV ${host} -- apt-get update`,
    ),
  ]
}

function judgeHolder(host: string, { holder }: AptState): Finding[] {
  if (holder === null) return []
  return [
    warning(
      `${cleanLine(holder.program)} (process ${holder.pid}) has the lock of dpkg; a deploy would wait for it`,
      `gw exec ENV ${host} -- systemctl status ${holder.pid}`,
    ),
  ]
}
