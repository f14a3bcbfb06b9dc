import { ON_KEY } from './check.js'
import type { Check } from './check.js'
import { groupHosts } from './groups.js'
import { stranger } from './nearest.js'
import { canonicalAddress } from './network.js'
import type { PoolSettings } from './schema-gateway.js'
import type { Path } from './tree.js'

export function checkPools(check: Check): void {
  const pools = Object.entries(check.file.gateway?.pools ?? {})
  checkNames(
    check,
    pools.map(([name]) => name),
  )
  for (const [name, pool] of pools) {
    const group = pool.group ?? name
    const path = ['gateway', 'pools', name]
    checkBalance(check, path, pool)
    const hosts = groupHosts(check, group, pool.group === undefined ? path : [...path, 'group'])
    if (hosts === null) continue
    if (hosts.size === 0)
      check.report(path, `the pool \`${name}\` has no hosts: the group \`${group}\` is empty`, ON_KEY)
    checkHosts(check, { name, path, group, pool, hosts })
  }
}

/** Pools give their names to files, and to variables and cookies, where a `-` becomes a `_`. */
function checkNames({ report }: Check, names: readonly string[]): void {
  const taken = new Map<string, string>()
  for (const name of names) {
    const path = ['gateway', 'pools', name]
    if (/^gw(?:[_-]|$)/.test(name))
      report(
        path,
        `the pool \`${name}\` has a name that gw uses itself; it must not begin with \`gw\``,
        ON_KEY,
      )
    const plain = name.replaceAll('-', '_')
    const other = taken.get(plain)
    if (other !== undefined)
      report(path, `the names \`${name}\` and \`${other}\` differ only in \`-\` and \`_\``, ON_KEY)
    taken.set(plain, name)
  }
}

function checkBalance({ report }: Check, path: Path, { balance, backup, sticky_for }: PoolSettings): void {
  if (balance === 'sticky' && backup.length > 0)
    report(
      [...path, 'backup'],
      'a sticky pool spreads clients over all of its hosts, so it has no backup',
      ON_KEY,
    )
  if (balance !== 'sticky' && sticky_for !== undefined)
    report(
      [...path, 'sticky_for'],
      `\`sticky_for\` needs \`balance: sticky\`; this pool is ${balance}`,
      ON_KEY,
    )
}

interface PoolHosts {
  readonly name: string
  readonly path: Path
  readonly group: string
  readonly pool: PoolSettings
  readonly hosts: ReadonlySet<string>
}

function checkHosts(check: Check, { name, path, group, pool, hosts }: PoolHosts): void {
  const { report } = check
  for (const host of Object.keys(pool.weights)) {
    if (!hosts.has(host)) report([...path, 'weights', host], () => stranger(host, group, [...hosts]), ON_KEY)
  }
  pool.backup.forEach((host, index) => {
    if (!hosts.has(host)) report([...path, 'backup', String(index)], () => stranger(host, group, [...hosts]))
  })
  const backup = new Set(pool.backup)
  if (hosts.size > 0 && [...hosts].every((host) => backup.has(host)))
    report([...path, 'backup'], 'every host of the pool is a backup; at least one must serve')
  const { min_servers: least } = pool
  if (least !== undefined && hosts.size > 0 && least > hosts.size)
    report(
      [...path, 'min_servers'],
      `the pool \`${name}\` has ${hosts.size} ${hosts.size === 1 ? 'server' : 'servers'}, so ${least} of them can never be healthy`,
    )
  checkAddresses(check, name, hosts)
}

/** Two servers at one address and port are one that gets twice its share. */
function checkAddresses({ file, report }: Check, pool: string, hosts: Iterable<string>): void {
  const taken = new Map<string, string>()
  for (const host of hosts) {
    const address = canonicalAddress(file.hosts[host]?.address ?? host)
    const other = taken.get(address)
    if (other === undefined) taken.set(address, host)
    else
      report(
        ['hosts', host, 'address'],
        `\`${host}\` and \`${other}\` of the pool \`${pool}\` have the same address, so one server would count twice`,
      )
  }
}
