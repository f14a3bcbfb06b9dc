import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

/** The name by which a host knows itself. */
export const nodeName: Fact<Record<string, never>, string> = {
  name: 'node-name',
  script: () => sh`uname -n`,
  parse(output, args) {
    const name = output.trimEnd()
    if (!/^\S+$/.test(name)) throw new Error('the host does not tell its name')
    return args.map(() => name)
  },
}
