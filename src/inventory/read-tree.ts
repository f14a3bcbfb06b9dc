import { readFile, stat } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { GwError } from '../errors.js'
import { ansibleIniToTree } from './ansible-ini.js'
import { ansibleYamlToTree, isAnsible } from './ansible-yaml.js'
import { forbiddenCharacter } from './forbidden-character.js'
import { expandHostRanges } from './host-ranges.js'
import { absolutePath } from './local-user.js'
import type { Problems } from './problem.js'
import { shownPath } from './shown-path.js'
import { SourceText } from './source-text.js'
import { mapNode, mergeTrees } from './tree.js'
import type { Entry, Tree } from './tree.js'
import { parseYaml } from './yaml-tree.js'

const MAX_BYTES = 512 * 1024
const MOST_BASES = 10
/** Maps of which only one key may be there: what a base says would contradict what the file says. */
const ALTERNATIVES = ['gateway.tls']

interface ReadContext {
  readonly cwd: string
  readonly home: string
  readonly problems: Problems
}

/**
 * Reads an inventory file with the files that it extends, ranges written out, Ansible's forms turned into gw's own.
 * Problems of all files are added to `context.problems`; the tree is `null` when a file could not be understood.
 * @throws GwError INVENTORY_NOT_FOUND, INVENTORY_INVALID when the first file cannot be read at all.
 */
export async function readTree(
  file: string,
  context: ReadContext,
  below: readonly string[] = [],
): Promise<Tree | null> {
  const source = await readSource(file, context.cwd)
  const tree = parse(source, context.problems)
  const base = tree?.kind === 'map' ? tree.entries.get('extends') : undefined
  if (tree === null || tree.kind !== 'map' || base === undefined) return tree
  const own = mapNode(
    tree.span,
    [...tree.entries].filter(([key]) => key !== 'extends'),
  )
  const extended = await readBase(base, file, context, [...below, file])
  return extended === null ? null : mergeTrees(extended, own, ALTERNATIVES)
}

async function readBase(
  base: Entry,
  file: string,
  context: ReadContext,
  below: readonly string[],
): Promise<Tree | null> {
  const { value } = base
  if (value.kind !== 'scalar' || typeof value.value !== 'string' || value.value === '') {
    context.problems.add(value.span, '`extends` must be the path of another inventory file')
    return null
  }
  const path = absolutePath(value.value, dirname(file), context.home)
  if (below.includes(path) || below.length > MOST_BASES) {
    context.problems.add(
      value.span,
      `\`extends\` leads back to ${value.value}, or through more than ${MOST_BASES} files`,
    )
    return null
  }
  try {
    return await readTree(path, context, below)
  } catch (error) {
    if (!(error instanceof GwError)) throw error
    context.problems.add(value.span, error.message)
    return null
  }
}

function parse(source: SourceText, problems: Problems): Tree | null {
  // Tabs and line ends are YAML's own business; other control characters have no place even in a comment.
  for (const { 0: character, index } of source.text.matchAll(/[^\t\n\r\u0020-\u007e]/gu)) {
    const forbidden = forbiddenCharacter(character)
    if (forbidden === null) continue
    problems.add(
      { source, start: index, end: index + 1 },
      `the file holds the character ${forbidden}, which is not allowed`,
    )
    return null
  }
  if (!isYaml(source.file)) return ansibleIniToTree(source, problems)
  const tree = parseYaml(source, problems)
  if (tree === null) return null
  return isAnsible(tree) ? ansibleYamlToTree(tree, problems) : expandHostRanges(tree, problems)
}

function isYaml(file: string): boolean {
  return ['.yml', '.yaml', '.json'].includes(extname(file))
}

/** @throws GwError INVENTORY_NOT_FOUND when it cannot be read, INVENTORY_INVALID when it is too large or not UTF-8. */
async function readSource(file: string, cwd: string): Promise<SourceText> {
  const label = shownPath(file, cwd)
  const bytes = await readBytes(file, label)
  try {
    return new SourceText(file, label, new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new GwError('INVENTORY_INVALID', `${label} is not a text in UTF-8`, {
      nextSteps: [`Save ${label} in UTF-8, or give the path of another inventory file.`],
      cause,
    })
  }
}

async function readBytes(file: string, label: string): Promise<Uint8Array> {
  const found = await stat(file).catch(() => null)
  if (found !== null && found.size > MAX_BYTES) {
    throw new GwError(
      'INVENTORY_INVALID',
      `${label} is larger than ${MAX_BYTES / 1024} KiB, so it is not an inventory`,
      {
        nextSteps: [
          'Give the path of an inventory file; one that really is so large can be split by `extends`.',
        ],
      },
    )
  }
  // Anything but a file (a pipe, a device) could keep the reader waiting for ever.
  const bytes = found?.isFile() === true ? await readFile(file).catch(() => null) : null
  if (bytes !== null) return bytes
  throw new GwError('INVENTORY_NOT_FOUND', `the inventory file ${label} cannot be read`, {
    nextSteps: [`ls -l ${label}`],
  })
}
