import { readAnsibleSettings } from './ansible-variables.js'
import type { Problems } from './problem.js'
import type { Span } from './source-text.js'
import { listNode, mapNode, scalarNode } from './tree.js'
import type { Entry, Tree } from './tree.js'

/** Variables of a host or a group by name, each with its place. */
export type Variables = Map<string, Entry>

interface DraftGroup {
  readonly span: Span
  readonly hosts: Map<string, Span>
  readonly children: Map<string, Span>
  readonly variables: Variables
}

interface DraftHost {
  readonly span: Span
  readonly variables: Variables
}

/** What an Ansible inventory says, gathered as its parser meets it: the same host or group may come many times. */
export class AnsibleDraft {
  readonly #hosts = new Map<string, DraftHost>()
  readonly #groups = new Map<string, DraftGroup>()

  constructor(readonly file: Span) {
    this.group('all', file)
  }

  host(name: string, span: Span): DraftHost {
    const host = this.#hosts.get(name) ?? { span, variables: new Map() }
    this.#hosts.set(name, host)
    return host
  }

  group(name: string, span: Span): DraftGroup {
    const group = this.#groups.get(name) ?? {
      span,
      hosts: new Map(),
      children: new Map(),
      variables: new Map(),
    }
    this.#groups.set(name, group)
    return group
  }

  /** The draft in the shape of gw's own inventories, so that everything after this is the same for both. */
  toTree(problems: Problems): Tree {
    const hosts = [...this.#hosts].map(
      ([name, host]) => [name, entry(host.span, hostTree(name, host, problems))] as const,
    )
    const groups = [...this.#groups]
      .filter(([name]) => name !== 'all')
      .map(([name, group]) => [name, entry(group.span, groupTree(group, problems))] as const)
    const all = readAnsibleSettings(this.#groups.get('all')?.variables ?? new Map(), problems)
    return mapNode(this.file, [
      ['hosts', entry(this.file, mapNode(this.file, hosts))],
      ['groups', entry(this.file, mapNode(this.file, groups))],
      ['connection', entry(this.file, mapNode(this.file, all.connection))],
      ['values', entry(this.file, mapNode(this.file, all.values))],
    ])
  }
}

function entry(key: Span, value: Tree): Entry {
  return { key, value }
}

function hostTree(name: string, { span, variables }: DraftHost, problems: Problems): Tree {
  const settings = readAnsibleSettings(variables, problems, { ofHost: true })
  return mapNode(span, [
    ['address', settings.address ?? entry(span, scalarNode(span, name))],
    ['connection', entry(span, mapNode(span, settings.connection))],
    ['values', entry(span, mapNode(span, settings.values))],
  ])
}

function groupTree({ span, hosts, children, variables }: DraftGroup, problems: Problems): Tree {
  const settings = readAnsibleSettings(variables, problems)
  return mapNode(span, [
    ['hosts', entry(span, names(span, hosts))],
    ['children', entry(span, names(span, children))],
    ['connection', entry(span, mapNode(span, settings.connection))],
    ['values', entry(span, mapNode(span, settings.values))],
  ])
}

function names(span: Span, list: ReadonlyMap<string, Span>): Tree {
  return listNode(
    span,
    [...list].map(([name, place]) => scalarNode(place, name)),
  )
}
