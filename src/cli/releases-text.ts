import type { HostReleases, ListedRelease } from '../release/release-list.js'
import { tableText, type Cell } from '../ui/table.js'
import type { Terminal } from '../ui/terminal.js'
import { when } from '../ui/text.js'

const HEAD = ['RELEASE', 'CREATED (UTC)', 'BY', 'COMMIT', 'ORIGIN', 'CONFIRMED', 'SERVED', 'NOTES']

/** Releases as a table; what is the same on every host is said without their names. */
export function releasesText(
  releases: readonly ListedRelease[],
  hosts: readonly HostReleases[],
  paint: Terminal['paintOut'],
): string {
  if (releases.length === 0) return 'No release lies on these hosts.'
  return tableText(
    HEAD,
    releases.map((release) => releaseRow(release, hosts.length)),
    paint,
  )
}

function releaseRow(listed: ListedRelease, hosts: number): Cell[] {
  const { release, createdAt, by, commit, origin, confirmed } = listed
  return [
    release,
    createdAt === null ? 'unknown' : when(createdAt),
    by ?? 'unknown',
    commit === null ? '' : shortCommit(commit),
    origin ?? 'unknown',
    confirmed ? 'yes' : { text: 'no', style: 'yellow' },
    servedCell(listed, hosts),
    { text: notesOf(listed).join('; '), style: 'yellow' },
  ]
}

/** As git shortens them. */
function shortCommit(commit: string): string {
  return commit.replace(/^([0-9a-f]{7})[0-9a-f]+/, '$1')
}

function servedCell({ currentOn, previousOn }: ListedRelease, hosts: number): Cell {
  const part = (word: string, on: readonly string[]): string[] => {
    if (on.length === 0) return []
    return [on.length === hosts ? word : `${word} on ${on.join(', ')}`]
  }
  const text = [...part('current', currentOn), ...part('previous', previousOn)].join('; ')
  return currentOn.length === 0 ? text : { text, style: 'green' }
}

function notesOf({ missingOn, damagedOn, differsOn, obstacles }: ListedRelease): string[] {
  return [
    ...(missingOn.length === 0 ? [] : [`not on ${missingOn.join(', ')}`]),
    ...(damagedOn.length === 0 ? [] : [`damaged manifest on ${damagedOn.join(', ')}`]),
    ...(differsOn.length === 0 ? [] : [`another release of this name on ${differsOn.join(', ')}`]),
    ...Object.entries(obstacles).map(([host, reasons]) => `cannot start on ${host}: ${reasons.join(', ')}`),
  ]
}
