import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { GwError } from '../../src/errors.js'
import { inventoryView } from '../../src/inventory/inventory-view.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'

const CASES = join(import.meta.dirname, '../cases/inventory')
const ENV = { HOME: '/home/ann', USER: 'ann', SSH_AUTH_SOCK: '/run/ann/agent' }

/** The inventories of a folder of cases: the file's name is the title, what is expected stands beside it. */
function casesOf(folder: string): { title: string; file: string }[] {
  const files = readdirSync(join(CASES, folder)).filter((file) =>
    ['.yml', '.yaml', '.ini'].includes(extname(file)),
  )
  return files.map((file) => ({
    title: `${file.slice(0, -extname(file).length).replaceAll('-', ' ')} (${extname(file).slice(1)})`,
    file: join(CASES, folder, file),
  }))
}

function load(file: string) {
  return loadInventory(file, { projectDir: CASES, env: ENV, cwd: CASES })
}

describe('an inventory is refused for', () => {
  test.each(casesOf('refused'))('$title', async ({ file }) => {
    const error: unknown = await load(file).catch((cause: unknown) => cause)
    if (!(error instanceof GwError)) throw new TypeError('expected a GwError')
    expect(error.code).toBe('INVENTORY_INVALID')
    const place = error.at === undefined ? '' : `${error.at.file}:${error.at.line}:${error.at.column}: `
    const text = [place + error.message, '', error.frame, '', ...error.nextSteps].join('\n')
    expect(text).not.toContain('hunter2-in-plain-text')
    await expect(`${text}\n`).toMatchFileSnapshot(`${file}.expected.txt`)
  })
})

describe('an inventory is accepted with', () => {
  test.each(casesOf('accepted'))('$title', async ({ file }) => {
    const json = JSON.stringify(inventoryView(await load(file)), null, 2).replaceAll(CASES, '<cases>')
    await expect(`${json}\n`).toMatchFileSnapshot(`${file}.expected.json`)
  })
})
