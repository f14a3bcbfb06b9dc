import type { Check } from './check.js'
import { suggestion } from './nearest.js'
import type { InventoryFile } from './schema.js'
import type { Path } from './tree.js'

type Groups = InventoryFile['groups']

/** The children of a group; of one that is not there, none. */
function childrenOf(groups: Groups, name: string): readonly string[] {
  return (Object.hasOwn(groups, name) ? groups[name]?.children : undefined) ?? []
}

/** The named groups with all that are below them, each once. */
function withThoseBelow(groups: Groups, names: readonly string[]): Set<string> {
  const reached = new Set(names)
  // A set goes on to what is added while it is walked.
  for (const name of reached) for (const child of childrenOf(groups, name)) reached.add(child)
  return reached
}

/** Whether a group is below itself. */
export function isInCircle(groups: Groups, name: string): boolean {
  return withThoseBelow(groups, childrenOf(groups, name)).has(name)
}

/** The group's hosts with those of its children, each once. */
export function hostsOfGroup(groups: Groups, name: string): Set<string> {
  const hosts = new Set<string>()
  for (const each of withThoseBelow(groups, [name])) {
    const group = Object.hasOwn(groups, each) ? groups[each] : undefined
    for (const host of group?.hosts ?? []) hosts.add(host)
  }
  return hosts
}

/** The hosts of a group that a setting names; reports a group that is not there. */
export function groupHosts({ file, report }: Check, name: string, path: Path): Set<string> | null {
  if (Object.hasOwn(file.groups, name)) return hostsOfGroup(file.groups, name)
  report(path, () => `there is no group \`${name}\`${suggestion(name, Object.keys(file.groups))}`)
  return null
}

/** How many groups stand above each group: its values win over those of groups with fewer. */
function depthsOfGroups(groups: Groups): Map<string, number> {
  const names = Object.keys(groups)
  const parents = new Map(names.map((name): [string, string[]] => [name, []]))
  for (const name of names) for (const child of childrenOf(groups, name)) parents.get(child)?.push(name)
  const depths = new Map<string, number>()
  const depthOf = (name: string): number => {
    const above = (parents.get(name) ?? []).map((parent) => depths.get(parent) ?? depthOf(parent))
    const depth = above.reduce((deepest, each) => Math.max(deepest, each + 1), 0)
    depths.set(name, depth)
    return depth
  }
  return new Map(names.map((name) => [name, depthOf(name)]))
}

/** Hosts of every group in the order in which the file names the hosts; without circles, as the checks ensure. */
export function membersByGroup(file: InventoryFile): Map<string, string[]> {
  const all = Object.keys(file.hosts)
  const order = new Map(all.map((host, index) => [host, index]))
  const members = new Map([['all', all]])
  for (const name of Object.keys(file.groups)) {
    const hosts = [...hostsOfGroup(file.groups, name)]
    members.set(
      name,
      hosts.sort((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0)),
    )
  }
  return members
}

/** The groups of every host, those with the strongest values last. */
export function groupsByHost(
  file: InventoryFile,
  members: ReadonlyMap<string, readonly string[]>,
): Map<string, string[]> {
  const depths = depthsOfGroups(file.groups)
  const groups = new Map(Object.keys(file.hosts).map((host): [string, string[]] => [host, []]))
  for (const [name] of [...depths].sort(([, a], [, b]) => a - b)) {
    for (const host of members.get(name) ?? []) groups.get(host)?.push(name)
  }
  return groups
}
