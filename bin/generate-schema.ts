import { writeFile } from 'node:fs/promises'
import { inventoryJsonSchema } from '../src/inventory/json-schema.js'

// Writes the JSON Schema that editors use; a test fails while the committed one is stale.
await writeFile(new URL('../inventory/inventory.schema.json', import.meta.url), inventoryJsonSchema())
