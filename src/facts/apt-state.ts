import { lines, sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface AptQuestion {
  /** Names of packages that gw may have to install. */
  readonly packages: readonly string[]
}

interface PackageVersions {
  readonly name: string
  /** Debian's versions; null for none. */
  readonly installed: string | null
  readonly candidate: string | null
}

/** Whether packages could be installed. */
export interface AptState {
  /** In the order of the question; those that apt has never heard of have neither version. */
  readonly packages: readonly PackageVersions[]
  /** When the lists of packages were last fetched, in seconds; null when there are none. */
  readonly listsAgeSeconds: number | null
  /** Packages whose installation was interrupted or failed half-way, at most 10. */
  readonly broken: readonly string[]
  /** The program that has dpkg's lock. */
  readonly holder: { readonly pid: number; readonly program: string } | null
}

/** What apt and dpkg have to say, without taking their locks; null on a host without apt. */
export const aptState: Fact<AptQuestion, AptState | null> = {
  name: 'apt-state',
  script: (args) =>
    lines(
      args.map(
        ({ packages }) => sh`
          if command -v apt-get >/dev/null; then
            echo apt
            LC_ALL=C apt-cache policy -- ${packages}
            dpkg --audit | sed -n 's/^ \([^ ]*\).*/broken \1/p' | head -n 10
            l=/var/lib/apt/lists
            for f in "$l"/*_Packages* "$l"/*Release; do
              [ -e "$f" ] || continue
              # The files themselves have the times of the server that they came from.
              printf 'lists %s %s\n' "$(date +%s)" \
                "$(stat -c %Y "$l" "$l/partial" /var/lib/apt/periodic/update-success-stamp | sort -n | tail -n 1)"
              break
            done
            i=$(stat -c %i /var/lib/dpkg/lock-frontend) &&
              while read -r _ _ _ _ pid file _; do
                case $file in
                  *":$i") printf 'lock %s %s\n' "$pid" "$(tr -c '[:graph:]' ' ' <"/proc/$pid/comm")" ;;
                esac
              done </proc/locks
          fi
          echo end`,
      ),
    ),
  parse(output, args) {
    const answers = output.split(/^end\n/m)
    if (answers.pop() !== '' || answers.length !== args.length) {
      throw new Error('the answer about apt is not whole')
    }
    return args.map(({ packages }, index) => stateIn(answers[index] ?? '', packages))
  },
}

function stateIn(answer: string, packages: readonly string[]): AptState | null {
  if (!answer.startsWith('apt\n')) return null
  const [, now, fetched] = /^lists (\d+) (\d+)$/m.exec(answer) ?? []
  const [, pid, program = ''] = /^lock (\d+) (.*)$/m.exec(answer) ?? []
  return {
    packages: packages.map((name) => versionsIn(answer, name)),
    listsAgeSeconds: now === undefined || fetched === undefined ? null : Number(now) - Number(fetched),
    broken: [...answer.matchAll(/^broken (\S+)$/gm)].flatMap(([, name]) => name ?? []),
    holder: pid === undefined ? null : { pid: Number(pid), program: program.trim() },
  }
}

function versionsIn(answer: string, name: string): PackageVersions {
  const policy = answer.split(/^(?=\S+:\n)/m).find((part) => part.startsWith(`${name}:\n`)) ?? ''
  const version = (kind: string): string | null => {
    const text = new RegExp(`^  ${kind}: (\\S+)$`, 'm').exec(policy)?.[1] ?? '(none)'
    return text === '(none)' ? null : text
  }
  return { name, installed: version('Installed'), candidate: version('Candidate') }
}
