import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { GwError } from '../../src/errors.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import type { Inventory } from '../../src/model/inventory.js'

/**
 * Gives the inventory of a text, or `null` when it was refused; any other end is a failure of the test. The text is
 * written to a folder of its own, which is there for the tests of the file that calls this.
 */
export function textLoader(): (text: string, name?: string) => Promise<Inventory | null> {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gw-properties-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  return async (text, name = 'case.yml') => {
    await writeFile(join(folder, name), text)
    try {
      return await loadInventory(join(folder, name), {
        projectDir: folder,
        env: { HOME: folder, USER: 'ann' },
      })
    } catch (error) {
      if (!(error instanceof GwError)) throw error
      expect(error.code).toBe('INVENTORY_INVALID')
      // Nothing that a terminal obeys may be in a message.
      expect(`${error.message}${error.frame ?? ''}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      return null
    }
  }
}
