import { BACKUP_NAME, type StoredBackup } from '../model/backup.js'
import { ORIGINAL_RELEASE, RELEASE_NAME } from '../model/release.js'
import { type Script, lines, sh } from '../shell/script.js'
import type { Fact } from './fact.js'
import { endSection, sectionsOf } from './release-files.js'

interface BackupsQuestion {
  /** Where a host keeps its backups. */
  readonly folder: string
}

/** The backups that lie on a host, the oldest first. Their files are not read: see `backupCheck`. */
export const backups: Fact<BackupsQuestion, readonly StoredBackup[]> = {
  name: 'backups',
  script: (args) => lines(args.map(({ folder }) => listBackups(folder))),
  parse(output, args) {
    const sections = sectionsOf(output)
    if (sections.length !== args.length) throw new Error('the answer about backups is not complete')
    return sections.map(readBackups)
  },
}

function listBackups(folder: string): Script {
  return sh`
    (
    cd -- ${folder} || exit
    set --
    for b in *T*Z; do
      if [ -d "$b" ] && [ ! -L "$b" ]; then set -- "$@" "$b"; fi
    done
    [ $# -gt 0 ] || exit
    for b in "$@"; do
      l=
      IFS= read -r l <"$b/backup.json" || :
      printf '%s %s\0' "$b" "$l"
    done
    du -0 --summarize --bytes -- "$@"
    )
    ${endSection}`
}

function readBackups(records: readonly string[]): StoredBackup[] {
  const sizes = new Map<string, number>()
  const releases = new Map<string, string | null>()
  for (const record of records) {
    const [, bytes, sized = ''] = /^(\d+)\t(.*)$/.exec(record) ?? []
    const [, name = '', line = ''] = /^(\S+) (.*)$/.exec(record) ?? []
    if (bytes !== undefined) sizes.set(sized, Number(bytes))
    else if (BACKUP_NAME.test(name)) releases.set(name, releaseOf(line))
  }
  return [...releases].map(([name, release]) => ({ name, release, size: sizes.get(name) ?? 0 }))
}

/** What backup.json says. */
function releaseOf(line: string): string | null {
  try {
    const { release } = JSON.parse(line) as { readonly release: unknown }
    const known = typeof release === 'string' && (release === ORIGINAL_RELEASE || RELEASE_NAME.test(release))
    return known ? release : null
  } catch {
    return null
  }
}
