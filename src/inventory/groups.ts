import type { Check } from './check.js'
import { suggestion } from './nearest.js'
import type { InventoryFile } from './schema.js'
import type { Path } from './tree.js'

type Groups = InventoryFile['groups']

/** The group's hosts with those of its children, each once, and `null` when the children lead round in a circle. */
export function hostsOfGroup(
  groups: Groups,
  name: string,
  above: readonly string[] = [],
): Set<string> | null {
  if (above.includes(name)) return null
  const group = Object.hasOwn(groups, name) ? groups[name] : undefined
  const hosts = new Set(group?.hosts ?? [])
  for (const child of group?.children ?? []) {
    const below = hostsOfGroup(groups, child, [...above, name])
    if (below === null) return null
    for (const host of below) hosts.add(host)
  }
  return hosts
}

/** The hosts of a group that a setting names; reports a group that is not there. */
export function groupHosts({ file, report }: Check, name: string, path: Path): Set<string> | null {
  if (Object.hasOwn(file.groups, name)) return hostsOfGroup(file.groups, name)
  report(path, `there is no group \`${name}\`${suggestion(name, Object.keys(file.groups))}`)
  return null
}

/** How many groups stand above a group: its values win over those of groups with fewer. */
function depthOfGroup(groups: Groups, name: string): number {
  const parents = Object.keys(groups).filter((parent) => groups[parent]?.children?.includes(name) === true)
  return parents.reduce((depth, parent) => Math.max(depth, depthOfGroup(groups, parent) + 1), 0)
}

/** Hosts of every group in the order in which the file names the hosts; without circles, as the checks ensure. */
export function membersByGroup(file: InventoryFile): Map<string, string[]> {
  const all = Object.keys(file.hosts)
  const members = new Map([['all', all]])
  for (const name of Object.keys(file.groups)) {
    const hosts = hostsOfGroup(file.groups, name) ?? new Set()
    members.set(
      name,
      all.filter((host) => hosts.has(host)),
    )
  }
  return members
}

/** The groups of every host, those with the strongest values last. */
export function groupsByHost(
  file: InventoryFile,
  members: ReadonlyMap<string, readonly string[]>,
): Map<string, string[]> {
  const depths = new Map(Object.keys(file.groups).map((name) => [name, depthOfGroup(file.groups, name)]))
  const groups = new Map<string, string[]>(Object.keys(file.hosts).map((host) => [host, []]))
  for (const [name] of [...depths].sort(([, a], [, b]) => a - b)) {
    for (const host of members.get(name) ?? []) groups.get(host)?.push(name)
  }
  return groups
}
