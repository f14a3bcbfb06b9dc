import * as z from 'zod'
import { address, hostName } from './schema-words.js'
import { completedByBase, inventoryFile } from './schema.js'

/** What editors allow where the file may have a range, such as `web-[1:5]` or `10.0.3.[101:105]`. */
const WITH_RANGES = '^[A-Za-z0-9:\\[][A-Za-z0-9.:_\\[\\]-]*$'

/** The JSON Schema (draft-07) of an inventory file as people write it, as the text of `inventory/inventory.schema.json`. */
export function inventoryJsonSchema(): string {
  const file = inventoryFile.extend({
    extends: z
      .string()
      .optional()
      .describe('Another inventory, relative to this file; its maps are merged under those here'),
  })
  const mayBeIncomplete: readonly unknown[] = [file, ...completedByBase]
  const schema = z.toJSONSchema(file, {
    target: 'draft-07',
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      // What a base says need not be said again; an editor cannot look there.
      if (mayBeIncomplete.includes(zodSchema)) delete jsonSchema.required
      if (zodSchema === hostName || zodSchema === address) jsonSchema.pattern = WITH_RANGES
    },
  })
  return `${JSON.stringify({ ...schema, title: 'gw inventory' }, null, 2)}\n`
}
