import type { Problems } from './problem.js'
import { expandRanges, notARange } from './range.js'
import { mapNode, scalarNode } from './tree.js'
import type { Entry, MapNode, Tree } from './tree.js'

/** Writes out the ranges of an inventory: in the names and addresses of `hosts`, and in the lists of `groups`. */
export function expandHostRanges(tree: Tree, problems: Problems): Tree {
  const hosts = mapAt(tree, 'hosts')
  const withHosts = hosts === null ? tree : withEntry(tree, 'hosts', expandHosts(hosts, problems))
  const groups = mapAt(withHosts, 'groups')
  if (groups === null) return withHosts
  const expanded = [...groups.entries].map(
    ([name, entry]) => [name, { ...entry, value: expandGroup(entry.value, problems) }] as const,
  )
  return withEntry(withHosts, 'groups', mapNode(groups.span, expanded))
}

function mapAt(tree: Tree, key: string): MapNode | null {
  const value = tree.kind === 'map' ? tree.entries.get(key)?.value : undefined
  return value?.kind === 'map' ? value : null
}

function withEntry(tree: Tree, key: string, value: Tree): Tree {
  if (tree.kind !== 'map') return tree
  const entry = tree.entries.get(key)
  return entry === undefined
    ? tree
    : { ...tree, entries: new Map(tree.entries).set(key, { ...entry, value }) }
}

function expandHosts(hosts: MapNode, problems: Problems): MapNode {
  const entries = new Map<string, Entry>()
  for (const [pattern, entry] of hosts.entries) {
    const names = expandRanges(pattern)
    if (names === null) problems.add(entry.key, notARange(pattern))
    const addresses = names === null ? null : addressesOf(entry.value, names.length, problems)
    names?.forEach((name, index) => {
      if (entries.has(name)) problems.add(entry.key, `there are two hosts with the name \`${name}\``)
      entries.set(name, { ...entry, value: withAddress(entry.value, addresses?.[index]) })
    })
  }
  return mapNode(hosts.span, entries)
}

/** The addresses that a range of hosts gets, or `null` when none of them is a range. */
function addressesOf(host: Tree, count: number, problems: Problems): string[] | null {
  const address = host.kind === 'map' ? host.entries.get('address')?.value : undefined
  if (address?.kind !== 'scalar' || typeof address.value !== 'string') return null
  const addresses = expandRanges(address.value)
  if (addresses !== null && addresses.length === count) return addresses
  const each = count === 1 ? 'one address' : `${count} addresses`
  problems.add(address.span, `\`${address.value}\` must stand for ${each}, one for each host of the range`)
  return null
}

function withAddress(host: Tree, address: string | undefined): Tree {
  const entry = host.kind === 'map' ? host.entries.get('address') : undefined
  if (host.kind !== 'map' || entry === undefined || address === undefined) return host
  return {
    ...host,
    entries: new Map(host.entries).set('address', { ...entry, value: scalarNode(entry.value.span, address) }),
  }
}

function expandGroup(group: Tree, problems: Problems): Tree {
  const hosts = group.kind === 'map' ? group.entries.get('hosts')?.value : undefined
  if (hosts?.kind !== 'list') return group
  const items = hosts.items.flatMap((item) => {
    if (item.kind !== 'scalar' || typeof item.value !== 'string') return [item]
    const names = expandRanges(item.value)
    if (names === null) problems.add(item.span, notARange(item.value))
    return (names ?? []).map((name) => scalarNode(item.span, name))
  })
  return withEntry(group, 'hosts', { ...hosts, items })
}
