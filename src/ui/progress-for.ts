import { liveProgress } from './live-progress.js'
import { plainProgress } from './plain-progress.js'
import type { Progress } from './progress.js'
import type { Terminal } from './terminal.js'

/** The view that fits: none beside `--json`, a live one for a person, plain lines otherwise. */
export function progressFor(terminal: Terminal, options: { readonly json: boolean }): Progress {
  if (options.json) return { handle: () => undefined, settle: () => Promise.resolve() }
  return terminal.interactive ? liveProgress(terminal) : plainProgress(terminal)
}
