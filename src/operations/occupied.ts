import type { FileState } from '../facts/file.js'
import type { Decision } from './operation.js'

/** The decision where something stands that is never replaced; `wanted` says what was to stand there. */
export function occupied(path: string, now: FileState, wanted: 'file' | 'directory' | 'link'): Decision {
  return {
    kind: 'blocked',
    reason: `a ${now.type} stands at ${path}, where a ${wanted} is wanted`,
    nextSteps: [`Move ${path} away on the host, then run the same command again.`],
  }
}
