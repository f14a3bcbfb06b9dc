import type { StatePaths } from '../model/state-paths.js'
import { lines, sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface ObjectsQuestion {
  readonly paths: StatePaths
  /** Hexadecimal, sha256. */
  readonly sums: readonly string[]
}

/** Which contents a host has, by their sums; a damaged one is one that it does not have. */
export const objectsHeld: Fact<ObjectsQuestion, readonly string[]> = {
  name: 'objects',
  script: (args) =>
    lines(
      args.map(
        ({ paths, sums }) => sh`
          (
          cd -- ${paths.objects} || exit
          set --
          for s in ${[...new Set(sums)]}; do
            if [ -f "$s" ] && [ ! -L "$s" ]; then set -- "$@" "$s"; fi
          done
          [ $# = 0 ] || sha256sum -- "$@"
          )
          echo --`,
      ),
    ),
  parse(output, args) {
    const answers = output.split('--\n').slice(0, -1)
    if (answers.length !== args.length) throw new Error('the answer about contents is not complete')
    return answers.map((answer) =>
      [...answer.matchAll(/^([0-9a-f]{64}) [ *]\1$/gm)].map((match) => match[1] ?? ''),
    )
  },
}
