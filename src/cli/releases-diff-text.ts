import type { FileChange } from '../release/release-diff.js'
import { cleanLine } from '../shell/clean.js'
import { colourDiff } from '../ui/diff.js'
import type { Terminal } from '../ui/terminal.js'
import { indent } from '../ui/text.js'

/** A file that differs between two releases. */
export interface ShownChange {
  readonly path: string
  readonly change: FileChange['kind']
  /** True for a file that only root may read. */
  readonly secret: boolean
  /** What became of its mode and owner, in words; empty for no change of them. */
  readonly ownership: string
  /** Unified; null where there is none to show. */
  readonly diff: string | null
}

export type SharedChange = ShownChange & { readonly hosts: readonly string[] }

/** The changes of all hosts, by path; those that are the same on several hosts stand there once. */
export function sharedChanges(
  hosts: readonly { readonly host: string; readonly changes: readonly ShownChange[] }[],
): SharedChange[] {
  const shared = new Map<string, SharedChange>()
  for (const { host, changes } of hosts) {
    for (const change of changes) {
      const key = JSON.stringify(change)
      shared.set(key, { ...change, hosts: [...(shared.get(key)?.hosts ?? []), host] })
    }
  }
  return [...shared.values()]
}

/** Changes under the names of the hosts that share them. */
export function diffText(
  changes: readonly SharedChange[],
  same: readonly string[],
  paint: Terminal['paintOut'],
): string {
  const sections = new Map<string, SharedChange[]>()
  for (const change of changes) {
    const hosts = change.hosts.join(', ')
    sections.set(hosts, [...(sections.get(hosts) ?? []), change])
  }
  const differing = [...sections].map(([hosts, section]) =>
    [paint('bold', hosts), ...section.map((change) => changeText(change, paint))].join('\n'),
  )
  return [
    ...differing,
    ...(same.length === 0 ? [] : [`${paint('bold', same.join(', '))}\n  no difference`]),
  ].join('\n')
}

const SIGNS = { added: '+', removed: '-', edited: '~', ownership: '~' } as const

function changeText(
  { path, change, secret, ownership, diff }: SharedChange,
  paint: Terminal['paintOut'],
): string {
  const words = [
    change === 'ownership' ? '' : change,
    ownership,
    secret ? 'a secret, not shown' : '',
    diff === null && !secret && change !== 'ownership' ? 'no text, or too large to be shown' : '',
  ]
  const line = `  ${paint('yellow', SIGNS[change])} ${cleanLine(path)}: ${words.filter((word) => word !== '').join(', ')}`
  return diff === null ? line : `${line}\n${indent(colourDiff(diff, paint), '      ')}`
}
