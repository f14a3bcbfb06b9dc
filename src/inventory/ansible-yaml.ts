import { AnsibleDraft } from './ansible-draft.js'
import { suggestion } from './nearest.js'
import type { Problems } from './problem.js'
import { expandRanges, notARange } from './range.js'
import type { Span } from './source-text.js'
import type { Entry, MapNode, Tree } from './tree.js'

const GROUP_KEYS = ['hosts', 'children', 'vars']
const GW_KEYS = ['extends', 'confirm', 'connection', 'hosts', 'groups', 'values', 'gateway']

/** Whether a YAML file is an Ansible inventory: it has `all`, or nothing but groups with hosts, children or vars. */
export function isAnsible(tree: Tree): boolean {
  if (tree.kind !== 'map' || tree.entries.size === 0) return false
  if (tree.entries.has('all')) return true
  return [...tree.entries].every(
    ([key, { value }]) =>
      !GW_KEYS.includes(key) &&
      value.kind === 'map' &&
      [...value.entries.keys()].some((each) => GROUP_KEYS.includes(each)),
  )
}

/** An Ansible YAML inventory in the shape of gw's own. */
export function ansibleYamlToTree(tree: Tree, problems: Problems): Tree {
  const draft = new AnsibleDraft(tree.span)
  if (tree.kind === 'map') {
    for (const [name, entry] of tree.entries) readGroup(draft, name, entry, problems)
  }
  return draft.toTree(problems)
}

function readGroup(draft: AnsibleDraft, name: string, entry: Entry, problems: Problems): void {
  const group = draft.group(name, entry.key)
  const content = mapOrNothing(entry.value, `the group \`${name}\``, problems)
  for (const [key, part] of content?.entries ?? []) {
    if (!GROUP_KEYS.includes(key)) {
      problems.add(part.key, `the group \`${name}\` has no key \`${key}\`${suggestion(key, GROUP_KEYS)}`)
      continue
    }
    const map = mapOrNothing(part.value, `\`${key}\` of the group \`${name}\``, problems)
    for (const [word, value] of map?.entries ?? []) {
      if (key === 'vars') group.variables.set(word, value)
      else if (key === 'hosts') readHosts(draft, name, word, value, problems)
      else {
        group.children.set(word, value.key)
        readGroup(draft, word, value, problems)
      }
    }
  }
}

function readHosts(
  draft: AnsibleDraft,
  group: string,
  pattern: string,
  entry: Entry,
  problems: Problems,
): void {
  const variables = mapOrNothing(entry.value, `the host \`${pattern}\``, problems)
  for (const name of hostNames(pattern, entry.key, problems)) {
    draft.group(group, entry.key).hosts.set(name, entry.key)
    const host = draft.host(name, entry.key)
    for (const [word, value] of variables?.entries ?? []) host.variables.set(word, value)
  }
}

/** The hosts that a pattern stands for; none, and a problem, when its range is wrong. */
export function hostNames(pattern: string, span: Span, problems: Problems): string[] {
  const names = expandRanges(pattern)
  if (names === null) problems.add(span, notARange(pattern))
  return names ?? []
}

function mapOrNothing(tree: Tree, what: string, problems: Problems): MapNode | null {
  if (tree.kind === 'map') return tree
  if (tree.kind !== 'scalar' || tree.value !== null) problems.add(tree.span, `${what} must be a map`)
  return null
}
