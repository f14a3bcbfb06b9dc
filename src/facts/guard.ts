import { lines, sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface GuardQuestion {
  /** Text of a script that changes nothing; its exit status is the answer. */
  readonly script: string
}

/** Exit statuses of guards. Each runs by `eval` in a subshell: a broken one harms no other and nothing stands in argv. */
export const guardStatus: Fact<GuardQuestion, number> = {
  name: 'guard',
  script: (args) =>
    lines(
      args.map(
        (arg) => sh`
          s=0
          (eval ${arg.script}) </dev/null >/dev/null 2>&1 || s=$?
          echo "$s"`,
      ),
    ),
  parse(output, args) {
    const statuses = output.split('\n').filter((line) => line !== '')
    if (statuses.length !== args.length || !statuses.every((status) => /^\d{1,3}$/.test(status))) {
      throw new Error(`the answer about ${args.length} guards is not as many exit statuses`)
    }
    return statuses.map(Number)
  },
}
