import { plainProgress } from './plain-progress.js'
import type { Progress } from './progress.js'
import type { Terminal } from './terminal.js'

/** The view that fits: none beside `--json`, a live one for a person, plain lines otherwise. */
export async function progressFor(
  terminal: Terminal,
  options: { readonly json: boolean },
): Promise<Progress> {
  if (options.json) return { handle: () => undefined, settle: () => Promise.resolve() }
  if (!terminal.interactive) return plainProgress(terminal)
  // The libraries that draw take a tenth of a second to load; pipes and CI need not wait for them.
  const { liveProgress } = await import('./live-progress.js')
  return liveProgress(terminal)
}
