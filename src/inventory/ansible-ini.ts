import { AnsibleDraft } from './ansible-draft.js'
import type { Variables } from './ansible-draft.js'
import { hostNames } from './ansible-yaml.js'
import { forbiddenCharacter } from './forbidden-character.js'
import { iniTokens } from './ini-tokens.js'
import type { IniToken } from './ini-tokens.js'
import { suggestion } from './nearest.js'
import type { Problems } from './problem.js'
import type { SourceText, Span } from './source-text.js'
import { scalarNode } from './tree.js'
import type { ScalarNode, Tree } from './tree.js'

const SECTION = /^\[([^\]:\s]+)(?::([^\]\s]*))?\]\s*(?:[#;].*)?$/
const ASSIGNMENT = /^([^=\s]+)\s*=\s*(.*)$/
const KINDS = ['hosts', 'children', 'vars'] as const

type Kind = (typeof KINDS)[number]

interface Section {
  readonly group: string
  readonly kind: Kind
}

interface Line {
  readonly text: string
  readonly span: Span
}

/** An Ansible INI inventory in the shape of gw's own. */
export function ansibleIniToTree(source: SourceText, problems: Problems): Tree {
  const draft = new AnsibleDraft({ source, start: 0, end: 0 })
  let section: Section | null = { group: 'all', kind: 'hosts' }
  for (const line of linesOf(source)) {
    if (line.text.startsWith('[')) section = readSection(draft, line, problems)
    else if (section !== null) readLine(draft, section, line, problems)
  }
  return draft.toTree(problems)
}

/** The lines that say something, without blanks around them. */
function linesOf(source: SourceText): Line[] {
  const lines = [...source.text.matchAll(/^[^\S\n]*([^\s#;][^\n]*)$/gm)]
  return lines.map((match) => {
    const text = (match[1] ?? '').trimEnd()
    const start = match.index + match[0].length - (match[1] ?? '').length
    return { text, span: { source, start, end: start + text.length } }
  })
}

function readSection(draft: AnsibleDraft, { text, span }: Line, problems: Problems): Section | null {
  const match = SECTION.exec(text)
  const group = match?.[1]
  if (group === undefined) {
    problems.add(span, 'a section must be written as [group], [group:children] or [group:vars]')
    return null
  }
  const word = match?.[2] ?? 'hosts'
  const kind = KINDS.find((each) => each === word)
  if (kind === undefined) {
    problems.add(span, `a group has no part \`${word}\`${suggestion(word, ['children', 'vars'])}`)
    return null
  }
  draft.group(group, { ...span, start: span.start + 1, end: span.start + 1 + group.length })
  return { group, kind }
}

function readLine(draft: AnsibleDraft, { group, kind }: Section, line: Line, problems: Problems): void {
  if (kind === 'vars') readVariable(draft.group(group, line.span).variables, line, problems)
  else if (kind === 'hosts') readHost(draft, group, line, problems)
  else {
    const [name, ...rest] = iniTokens(line.text, line.span, problems)
    if (name !== undefined) draft.group(group, line.span).children.set(name.text, name.span)
    if (rest[0] !== undefined)
      problems.add(rest[0].span, 'a line of children holds one group and nothing else')
  }
}

function readHost(draft: AnsibleDraft, group: string, line: Line, problems: Problems): void {
  const [first, ...variables] = iniTokens(line.text, line.span, problems)
  if (first === undefined) return
  // `host:2222` gives the port; an IPv6 address, with its many colons, has none.
  const [, pattern = first.text, port] = /^((?:[^[:]|\[[^\]]*\])+):([0-9]+)$/.exec(first.text) ?? []
  for (const name of hostNames(pattern, first.span, problems)) {
    if (group !== 'all') draft.group(group, first.span).hosts.set(name, first.span)
    const host = draft.host(name, first.span)
    if (port !== undefined)
      setVariable(host.variables, 'ansible_port', scalarNode(first.span, Number(port)), first.span)
    for (const token of variables) readAssignment(host.variables, token, problems)
  }
}

function readAssignment(variables: Variables, token: IniToken, problems: Problems): void {
  const equals = token.text.indexOf('=')
  if (equals < 1) {
    problems.add(token.span, `\`${token.text}\` must be written as name=value`)
    return
  }
  const name = token.text.slice(0, equals)
  const value = token.text.slice(equals + 1)
  const { start, end } = token.span
  const place = { ...token.span, start: Math.min(start + equals + 1, end) }
  const key = { ...token.span, end: start + equals }
  setVariable(
    variables,
    name,
    token.quoted ? text(value, place, problems) : typed(value, place, problems),
    key,
  )
}

function readVariable(variables: Variables, { text: line, span }: Line, problems: Problems): void {
  const [, name, written] = ASSIGNMENT.exec(line) ?? []
  if (name === undefined || written === undefined) {
    problems.add(span, 'a variable must be written as name=value')
    return
  }
  const place = { ...span, start: span.end - written.length }
  const quoted = /^(["'])(.*)\1$/.exec(written)?.[2]
  const value = quoted === undefined ? typed(written, place, problems) : text(quoted, place, problems)
  setVariable(variables, name, value, { ...span, end: span.start + name.length })
}

function setVariable(variables: Variables, name: string, value: ScalarNode, key: Span): void {
  variables.set(name, { key, value })
}

function text(value: string, span: Span, problems: Problems): ScalarNode {
  const forbidden = forbiddenCharacter(value)
  if (forbidden !== null)
    problems.add(span, `the value holds the character ${forbidden}, which is not allowed`)
  return scalarNode(span, value)
}

/** What Ansible reads as a truth value or a number is one; a number that would lose digits stays a text. */
function typed(value: string, span: Span, problems: Problems): ScalarNode {
  if (/^true$/i.test(value)) return scalarNode(span, true)
  if (/^false$/i.test(value)) return scalarNode(span, false)
  const isNumber = /^-?[0-9]+(?:\.[0-9]+)?$/.test(value) && String(Number(value)) === value
  return isNumber ? scalarNode(span, Number(value)) : text(value, span, problems)
}
