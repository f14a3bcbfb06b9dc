import type { HostSystem } from '../../facts/host-system.js'
import { error, judged, warning } from '../../health/judgement.js'
import type { Finding, Judgement } from '../../model/health.js'
import { cleanLine } from '../../shell/clean.js'

/** `systemctl show --timestamp` is from there. */
const OLDEST_SYSTEMD = 247

/** What gw's programs call on a host, and the package that has it. */
const PACKAGE_OF: Readonly<Record<string, string>> = {
  awk: 'mawk',
  base64: 'coreutils',
  cmp: 'diffutils',
  df: 'coreutils',
  find: 'findutils',
  'find -printf': 'findutils',
  flock: 'util-linux',
  grep: 'grep',
  gzip: 'gzip',
  ip: 'iproute2',
  perl: 'perl-base',
  sed: 'sed',
  sha256sum: 'coreutils',
  ss: 'iproute2',
  stat: 'coreutils',
  systemctl: 'systemd',
  timeout: 'coreutils',
  xargs: 'findutils',
}

/** What a host is asked to have. */
export const PROGRAMS = Object.keys(PACKAGE_OF).filter((name) => !name.includes(' '))

/** Whether a host is of a kind that gw is written for. */
export function judgeSystem(
  host: string,
  { distribution, systemd, missing }: HostSystem,
  hasApt: boolean,
): Judgement {
  // Nothing else of a host matters that gw could not use anyway.
  if (!hasApt) return judged([withoutApt(distribution)])
  return judged([
    ...judgeDistribution(distribution),
    ...judgeSystemd(systemd),
    ...judgePrograms(host, missing),
  ])
}

function withoutApt(distribution: HostSystem['distribution']): Finding {
  const name = distribution === null ? 'a system that does not say its name' : cleanLine(distribution.name)
  return error(
    `it is ${name}, without apt, by which gw installs NGINX and keepalived`,
    'Install Debian 12 on it.',
  )
}

function judgeDistribution(distribution: HostSystem['distribution']): Finding[] {
  const help = 'Try it with a staging environment first: gw is tested with Debian 12.'
  if (distribution === null) return [warning('it does not say which distribution it is', help)]
  const { id, version, name } = distribution
  if (id === 'debian' && version === '12') return []
  return [warning(`it is ${cleanLine(name)}, with which gw is not tested`, help)]
}

function judgeSystemd(systemd: number | null): Finding[] {
  if (systemd === null)
    return [error('systemd does not run it', 'Use a host with systemd, which starts NGINX and keepalived.')]
  if (systemd >= OLDEST_SYSTEMD) return []
  return [
    error(
      `its systemd ${systemd} is older than ${OLDEST_SYSTEMD}`,
      'Upgrade the distribution; Debian 11 and later have one that is new enough.',
    ),
  ]
}

function judgePrograms(host: string, missing: readonly string[]): Finding[] {
  if (missing.length === 0) return []
  const packages = [...new Set(missing.flatMap((name) => PACKAGE_OF[name] ?? []))]
  return [
    error(
      `it lacks ${missing.map(cleanLine).join(', ')}`,
      `gw exec ENV ${host} -- apt-get install -y ${packages.join(' ')}`,
    ),
  ]
}
