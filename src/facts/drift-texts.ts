import type { StatePaths } from '../model/state-paths.js'
import { type Script, lines, sh } from '../shell/script.js'
import type { Fact } from './fact.js'
import { decodedText, MAX_CONTENT_BYTES } from './file.js'

interface DriftQuestion {
  readonly paths: StatePaths
  /** Where links to files of the release are to be: absolute, and the file relative to the release. */
  readonly links: readonly { readonly path: string; readonly file: string }[]
}

/**
 * A file that is not as it was published, as text: `before` is what gw wrote, `after` what stands there. Null for what is
 * not there, no text, or larger than 256 KiB. `path` is relative to the release, or that of a link.
 */
export interface DriftText {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

/** Both texts of edited files, to be shown; of none that others may not read by the manifest. */
export const driftTexts: Fact<DriftQuestion, readonly DriftText[]> = {
  name: 'drift',
  script: (args) => lines(args.map(driftScript)),
  parse(output, args) {
    const answers = output.split('--\n').slice(0, -1)
    if (answers.length !== args.length) throw new Error('the answer about edited files is not complete')
    return answers.map((answer) =>
      [...answer.matchAll(/^(\S+) (\S+) (.+)$/gm)].map(([, before, after, path = '']) => ({
        path: path.replace(/^current\//, ''),
        before: shown(before),
        after: shown(after),
      })),
    )
  },
}

/** A manifest has one file a line, whose sum and path are all that the shell needs of it. */
const ROW =
  's|^{"path":"\\([A-Za-z0-9_./-]*\\)","mode":"0[67][45][45]","owner":"[^"]*","group":"[^"]*","sha256":"\\([0-9a-f]*\\)".*|\\2  current/\\1|p'

/** Only regular files are opened; all texts together are at most 2 MB of base64. */
function driftScript({ paths, links }: DriftQuestion): Script {
  return sh`
    (
    cd -- ${paths.root} || exit
    n='
    '
    b=2000000
    text() {
      t=-
      [ ! -f "$1" ] || t=.$(head -c ${MAX_CONTENT_BYTES + 1} -- "$1" | base64 -w0)
      b=$((b - \${#t}))
      [ $b -gt 0 ] || t=-
    }
    show() {
      text "$2"
      o=$t
      text "$3"
      printf '%s %s %s\n' "$o" "$t" "$1"
    }
    m=$(sed -n ${ROW} current/manifest.json)
    set -f
    IFS=$n
    k=
    for w in $m; do
      p=\${w#*  }
      if [ -f "$p" ] && [ ! -L "$p" ]; then k=$k$w$n; fi
    done
    f=$(printf %s "$k" | sha256sum --check --quiet 2>/dev/null)
    for w in $k; do
      p=\${w#*  }
      case $n$f$n in *"$n$p: FAILED$n"*) show "$p" "objects/\${w%% *}" "$p" ;; esac
    done
    ${lines(
      links.map(
        ({ path, file }) =>
          sh`if [ -f ${path} ] && [ ! -L ${path} ]; then show ${path} ${`current/${file}`} ${path}; fi`,
      ),
    )}
    )
    echo --`
}

/** A dot stands before a text, which may be empty. */
function shown(word: string | undefined): string | null {
  return word?.startsWith('.') === true ? decodedText(word.slice(1)) : null
}
