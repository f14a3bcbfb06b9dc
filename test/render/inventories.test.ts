import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTwoFilesPatch } from 'diff'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { renderedText } from '../../src/cli/render-view.js'
import type { NginxBuild } from '../../src/model/nginx-build.js'
import { BUILD_PER_DIALECT, OLDEST_BUILD } from '../../src/render/nginx/dialect.js'
import {
  anyCertificates,
  BASE,
  CASES,
  caseOf,
  LARGE,
  OWN,
  renderCase,
  SMALL,
  type Case,
} from './render-cases.js'

// The project's inventories and the base of the cases are held to the whole text that `gw render` prints; a case to
// what it changes in the base's, so that a reviewer sees in a few lines what a setting does.

function textOf(inventory: Case, nginx: NginxBuild): string {
  const files = renderCase(inventory, nginx, anyCertificates(inventory.gateway))
  return `${renderedText(files, (_style, text) => text)}\n`
}

/** The lines of a unified diff without those that only say where they stand. */
function difference(before: string, after: string): string {
  const patch = createTwoFilesPatch('base', 'case', before, after, '', '', { context: 2 })
  return patch
    .split('\n')
    .slice(3)
    .join('\n')
    .replaceAll(/^@@ .*$/gm, '@@')
    .replaceAll(/^ $/gm, '')
}

describe.each([BASE, ...OWN])('the inventory "%s"', (title, path) => {
  it('gives its gateways these files', async () => {
    const folder = title === BASE[0] ? 'bases' : 'own'
    const text = textOf(await caseOf(path), OLDEST_BUILD)
    await expect(text).toMatchFileSnapshot(join(CASES, folder, `${title}.rendered`))
  })
})

describe('of what the base gives, the case', () => {
  let base = ''
  beforeAll(async () => {
    base = textOf(await caseOf(BASE[1]), OLDEST_BUILD)
  })

  it.each(SMALL)('"%s" changes this', async (title, path) => {
    const changes = difference(base, textOf(await caseOf(path), OLDEST_BUILD))
    await expect(changes).toMatchFileSnapshot(join(CASES, `${title}.diff`))
  })
})

describe('of what the base gives, the NGINX', () => {
  it.each(BUILD_PER_DIALECT)('$version with the modules $modules changes this', async (nginx) => {
    const base = await caseOf(BASE[1])
    const changes = difference(textOf(base, OLDEST_BUILD), textOf(base, nginx))
    const title = ['nginx', nginx.version, ...nginx.modules].join('-')
    await expect(changes).toMatchFileSnapshot(join(CASES, 'dialects', `${title}.diff`))
  })
})

describe.each([BASE, ...OWN, ...SMALL, ...LARGE])('the text of "%s"', (_title, path) => {
  it('is the same every time, and reads well, whatever the NGINX', async () => {
    const [one, other] = [await caseOf(path), await caseOf(path)]
    for (const nginx of BUILD_PER_DIALECT) {
      const text = textOf(one, nginx)
      expect(textOf(other, nginx)).toBe(text)
      const lines = text.split('\n')
      expect(lines.filter((line) => /\s$/.test(line))).toEqual([])
      expect(lines.filter((line) => line.length > 160 && canBeBroken(line))).toEqual([])
    }
  })
})

/** What stands between quotes and long words cannot be spread over lines. */
function canBeBroken(line: string): boolean {
  const words = line.trim().split(' ')
  return !/["']/.test(line) && !words.some((word) => word.length > 100)
}

describe('the order of keys in an inventory', () => {
  it('does not matter where it carries no meaning', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gw-order-'))
    try {
      for (const [, path] of OWN) {
        const file = join(folder, 'turned.yml')
        await writeFile(file, stringify(turned(parse(await readFile(path, 'utf8')))))
        expect(textOf(await caseOf(file), OLDEST_BUILD)).toBe(textOf(await caseOf(path), OLDEST_BUILD))
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

/** Maps whose order is that in which things are listed or served; all others are turned round. */
const ORDERED = ['hosts', 'groups', 'pools', 'rate_limits', 'response_headers']

function turned(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => turned(item))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]) => [name, turned(inner, name)])
  return Object.fromEntries(ORDERED.includes(key) ? entries : entries.reverse())
}
