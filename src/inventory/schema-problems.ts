import type * as z from 'zod'
import { nearest, suggestion } from './nearest.js'
import type { Problems } from './problem.js'
import { find } from './tree.js'
import type { Path, Tree } from './tree.js'

type Issue = z.core.$ZodIssue

const LONGEST_SHOWN = 60
/** Keys of references to secrets, where somebody may have written the secret itself. */
const SECRETS = ['password', 'key']

/** Turns what the schema complains about into sentences with places; one for each value. */
export function reportIssues(issues: readonly Issue[], tree: Tree, problems: Problems): void {
  const all = issues.flatMap((each) => likeliest(each, []))
  // A key that is only mistyped is not missing as well.
  const said = new Set(all.flatMap(mistypedKeys))
  for (const issue of all) {
    const path = issue.path.map(String)
    const key = JSON.stringify([issue.code === 'unrecognized_keys', ...path])
    if (said.has(key)) continue
    said.add(key)
    report(issue, path, tree, problems)
  }
}

function mistypedKeys(issue: Issue): string[] {
  if (issue.code !== 'unrecognized_keys') return []
  const near = issue.keys.map((key) => nearest(key, issue.message.split(' ')))
  return near.flatMap((key) =>
    key === null ? [] : [JSON.stringify([false, ...issue.path.map(String), key])],
  )
}

/**
 * Of the alternatives that a value may be, the one that it was meant to be: where the schema went into the value
 * before it found something wrong. None of them: the issue as it is.
 */
function likeliest(issue: Issue, prefix: PropertyKey[]): Issue[] {
  const path = [...prefix, ...issue.path]
  if (issue.code !== 'invalid_union') return [{ ...issue, path }]
  const inside = issue.errors.find((issues) =>
    issues.every((each) => each.path.length > 0 || each.code === 'unrecognized_keys' || isFormat(each)),
  )
  if (inside !== undefined) return inside.flatMap((each) => likeliest(each, path))
  const words = issue.errors.flat().find((each) => each.code === 'invalid_value')
  return [words === undefined ? { ...issue, path } : { ...words, message: issue.message, path }]
}

function isFormat(issue: Issue): boolean {
  return issue.code === 'invalid_format' || issue.code === 'too_big' || issue.code === 'too_small'
}

function report(issue: Issue, path: Path, tree: Tree, problems: Problems): void {
  const found = find(tree, path)
  const name = found.written === '' ? 'the inventory' : `\`${shortened(found.written)}\``
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const unknown = find(tree, [...path, key])
      problems.add(
        unknown.key,
        `${name} has no key \`${shortened(key)}\`${suggestion(key, issue.message.split(' '))}`,
      )
    }
  } else if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? issue.message
    problems.add(found.key, `the key \`${shortened(path.at(-1) ?? '')}\` must be ${expected}`)
  } else if (found.value === null) {
    const parent = find(tree, path.slice(0, -1))
    const owner = parent.written === '' ? 'the inventory' : `\`${shortened(parent.written)}\``
    problems.add(parent.key, `${owner} needs the key \`${path.at(-1) ?? ''}\`: ${issue.message}`)
  } else {
    const got = SECRETS.includes(path.at(-1) ?? '') ? '' : `, not ${describe(found.value)}`
    problems.add(found.value.span, `${name} must be ${issue.message}${got}${meant(issue, found.value)}`)
  }
}

function meant(issue: Issue, value: Tree): string {
  if (issue.code !== 'invalid_value' || value.kind !== 'scalar') return ''
  const near = nearest(String(value.value), issue.values.map(String))
  return near === null ? '' : `; did you mean \`${near}\`?`
}

function describe(value: Tree): string {
  if (value.kind === 'map') return 'a map'
  if (value.kind === 'list') return value.items.length === 0 ? 'an empty list' : 'a list'
  if (value.value === null) return 'nothing'
  return shortened(JSON.stringify(value.value))
}

function shortened(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text
}
