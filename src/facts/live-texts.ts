import { type Script, lines, sh } from '../shell/script.js'
import type { Fact } from './fact.js'
import { MAX_CONTENT_BYTES, textOfBytes } from './file.js'

/** A file of the published release as it stands on the host now; `path` is relative to the release. */
export interface LiveText {
  readonly path: string
  /** Null for what is not there, no text, or larger than 256 KiB. */
  readonly text: string | null
}

interface TextsQuestion {
  /** The link to the published release; absolute. */
  readonly root: string
  /** Below it. */
  readonly folders: readonly string[]
  /** Of names; a file with any of them is read. */
  readonly suffixes: readonly string[]
}

/**
 * The regular files that lie in some folders of the release and whose names end in a certain way, as texts: at most 2 MB of
 * one host. Private keys are never asked for.
 */
export const liveTexts: Fact<TextsQuestion, readonly LiveText[]> = {
  name: 'live-texts',
  script: (args) => lines(args.map(textsScript)),
  parse(output, args) {
    const answers = output.split(/^--\n/m).slice(0, -1)
    if (answers.length !== args.length) throw new Error('the answer about texts is not complete')
    return answers.map(readTexts)
  },
}

/** One process reads all files, whatever their number; by their sizes they are told apart again. */
function textsScript({ root, folders, suffixes }: TextsQuestion): Script {
  const names = suffixes.flatMap((suffix) => ['-o', '-name', `*${suffix}`]).slice(1)
  return sh`
    (
    cd -- ${root} || exit
    n='
    '
    b=2000000
    l=$(find ${folders} -maxdepth 1 -type f '(' ${names} ')' -printf '%s %p\n')
    set -f
    IFS=$n
    set --
    for w in $l; do
      s=\${w%% *}
      if [ "$s" -le ${MAX_CONTENT_BYTES} ] && [ "$s" -le $b ]; then
        b=$((b - s))
        set -- "$@" "\${w#* }"
        printf '+%s\n' "$w"
      else
        printf -- '-%s\n' "$w"
      fi
    done
    printf =
    [ $# = 0 ] || cat -- "$@" | base64 -w0
    )
    printf '\n--\n'`
}

function readTexts(answer: string): LiveText[] {
  const bytes = Buffer.from(/^=(.+)$/m.exec(answer)?.[1] ?? '', 'base64')
  const files = [...answer.matchAll(/^([+-])(\d+) (.+)$/gm)].map(([, mark, size, path = '']) => {
    return { path, size: mark === '+' ? Number(size) : null }
  })
  // Where a file grew or shrank while it was read, nothing says where the next one begins.
  const isWhole = bytes.length === files.reduce((sum, { size }) => sum + (size ?? 0), 0)
  let end = 0
  return files.map(({ path, size }) => {
    if (size === null || !isWhole) return { path, text: null }
    end += size
    return { path, text: textOfBytes(bytes.subarray(end - size, end)) }
  })
}
