import type { Message } from './problem.js'
import type { InventoryFile } from './schema.js'
import type { Path } from './tree.js'

/** What a check needs: the file, and ways to say what is wrong with the value (or the key) at a path, and where it is. */
export interface Check {
  readonly file: InventoryFile
  readonly report: (path: Path, message: Message, options?: ReportOptions) => void
  /** The line of the value at a path. */
  readonly lineOf: (path: Path) => number
}

interface ReportOptions {
  /** Shows the key instead of the value. */
  readonly onKey: boolean
}

export const ON_KEY: ReportOptions = { onKey: true }
