import type { Gateway } from '../../model/gateway.js'
import type { Finding, Judgement } from '../../model/health.js'
import { type Drift, driftOf, type SeenLink } from '../../release/drift.js'
import { error, judged, note, warning } from '../judgement.js'
import { certificateComplaints, complaintOf, otherComplaints, shown, shownWords } from '../nginx-words.js'
import type { HostObservation } from '../observation.js'
import { onHost } from '../on-host.js'
import { onlyServersEdited } from '../pool-files.js'
import { isPublished } from '../published.js'
import { masterOf, readSecondsAgo, standingOf } from '../standing.js'
import { notedSecondsAgo, unreadFile } from '../unread.js'
import { releaseServed } from './http.js'

/** What the programs say of their files, and whether what is on disk is what is loaded and what was published. */
export function judgeConfiguration(seen: HostObservation, gateway: Gateway): Judgement {
  const { current } = seen.store
  if (current === null || !isPublished(seen)) {
    const message =
      current === null
        ? 'no release is published here'
        : 'what is published here is from before gw, and no release'
    return judged([error(message, 'gw deploy ENV')])
  }
  return judged([
    ...nginxFindings(seen),
    ...keepalivedFindings(seen),
    ...linkFindings(seen),
    ...driftFindings(seen, current, gateway),
    ...loadedFindings(seen, current, gateway),
  ])
}

const MEND_DRIFT = 'gw plan ENV shows it; gw deploy ENV --overwrite takes it back, --adopt keeps it'

/** The most of one kind that is told. */
const MOST_SHOWN = 5

function firstOf(messages: readonly string[], rest: string): string[] {
  const more = messages.length - MOST_SHOWN
  return more > 0 ? [...messages.slice(0, MOST_SHOWN), `${more} more ${rest}`] : [...messages]
}

/** A warning is an error, too: by some NGINX says that it goes on without half of a pool's settings. */
function nginxFindings({ host, configuration: { nginx } }: HostObservation): Finding[] {
  const help = onHost(host, 'nginx -t')
  const complaints = otherComplaints(nginx.output)
  if (complaints.length > 0) {
    const what = nginx.passed ? 'NGINX warns of its files' : 'NGINX refuses its files'
    return firstOf(complaints, 'complaints').map((words) => error(`${what}: ${words}`, help))
  }
  if (nginx.passed) return []
  if (certificateComplaints(nginx.output).length > 0) {
    return [
      note(
        'NGINX reads its files no further than to a certificate that it refuses: see the phase certificate',
      ),
    ]
  }
  return [error(`nginx -t fails${saying(nginx.output)}`, help)]
}

function saying(output: string): string {
  const [first = ''] = output.trim().split('\n').map(shownWords)
  return first === '' ? ' without a word' : `: ${first}`
}

function keepalivedFindings({ host, configuration: { keepalived } }: HostObservation): Finding[] {
  const help = onHost(host, 'keepalived -t')
  const complaints = keepalived.output
    .split('\n')
    .map(shownWords)
    .filter((words) => words !== '')
  if (!keepalived.passed && complaints.length === 0)
    return [error('keepalived -t fails without a word', help)]
  const found = keepalived.passed ? warning : error
  const what = keepalived.passed ? 'keepalived warns of its file' : 'keepalived refuses its file'
  return firstOf([...new Set(complaints)], 'complaints').map((words) => found(`${what}: ${words}`, help))
}

/** What editors and `sed -i` leave in place of a link is read in place of the release, now and after the next publish. */
function linkFindings({ links }: HostObservation): Finding[] {
  return links
    .filter(({ link, now }) => now.type !== 'link' || now.target !== link.target)
    .map(({ link, now }) =>
      error(`${link.path} ${insteadOf(now)} the link to ${link.file} of the release`, MEND_DRIFT),
    )
}

function insteadOf(now: SeenLink['now']): string {
  if (now.type === 'link') return `leads to ${shown(now.target)} and is not`
  return now.type === 'absent' ? 'is gone, and so is' : `is a ${now.type} in place of`
}

const CERTIFICATES = 'nginx/gw/tls/'

/** Certificates, and servers of pools, are judged by phases of their own. */
function isJudgedElsewhere(path: string, seen: HostObservation, gateway: Gateway): boolean {
  return path.startsWith(CERTIFICATES) || onlyServersEdited(path, seen, gateway)
}

function driftFindings(seen: HostObservation, release: string, gateway: Gateway): Finding[] {
  const drift = driftOf(seen.store).filter(({ path }) => !isJudgedElsewhere(path, seen, gateway))
  const grave = drift.filter(({ kind }) => kind === 'edited' || kind === 'missing')
  const slight = drift.filter((each) => !grave.includes(each))
  const texts = (some: readonly Drift[]) =>
    firstOf(
      some.map((each) => driftText(each, release)),
      `files are not as ${release} was published`,
    )
  return [
    ...texts(grave).map((text) => error(text, MEND_DRIFT)),
    ...texts(slight).map((text) => warning(text, MEND_DRIFT)),
  ]
}

function driftText({ path, kind, detail }: Drift, release: string): string {
  const file = shown(path)
  switch (kind) {
    case 'extra':
      return `${file} is no file of ${release}`
    case 'missing':
      return `${file} of ${release} is gone`
    case 'edited':
      return `${file} of ${release} ${shown(detail)}`
    case 'ownership':
      return `${file} of ${release} has other rights (${shown(detail)})`
  }
}

/** What follows from one another is told once: a reload that failed, a release that was not read, a file that was not. */
function loadedFindings(seen: HostObservation, release: string, gateway: Gateway): Finding[] {
  if (standingOf(seen) !== 'running') return []
  const message = failedReload(seen) ?? otherRelease(seen, release) ?? unreadWords(seen, gateway)
  const reload = onHost(seen.host, 'systemctl reload nginx')
  const help = seen.configuration.nginx.passed ? reload : `Mend the files, then: ${reload}`
  return message === null ? [] : [error(message, help)]
}

/** The master has logged what it refuses by the time that systemd has noted the reload, or soon after. */
const LOGGED_SECONDS = 5

/** A reload that was followed by one that went well is over. The master logs a reload that it refuses; other processes log as well. */
function failedReload(seen: HostObservation): string | null {
  const {
    processes,
    configuration: { emergency },
    units: { nginx: unit },
  } = seen
  const read = readSecondsAgo(processes)
  if (read === null) return null
  const noted = notedSecondsAgo(seen) ?? Infinity
  // What was refused before the reload that systemd noted last is over, also where the clock was put back since.
  const isOver = emergency === null || emergency.ageSeconds >= Math.min(read, noted + LOGGED_SECONDS)
  const complaint = isOver ? null : complaintOf(emergency.text)
  if (complaint !== null && complaint.pid === masterOf(processes)?.pid) {
    return `NGINX refused its last reload and goes on with its old files: ${complaint.words}`
  }
  if (unit === null || unit.reloaded || noted >= read) return null
  return `the last reload of nginx.service failed, so NGINX goes on with the files of ${Math.floor(read)} s ago`
}

function otherRelease(seen: HostObservation, release: string): string | null {
  const served = releaseServed(seen)
  if (served === null || served === release) return null
  return `NGINX serves ${shown(served)}, though ${release} is published: it was not reloaded since`
}

function unreadWords(seen: HostObservation, gateway: Gateway): string | null {
  const unread = unreadFile(seen)
  if (unread === null) return null
  const { path, inRelease, changedAgo, readAgo } = unread
  if (inRelease.startsWith('keepalived/') || isJudgedElsewhere(inRelease, seen, gateway)) return null
  return `${shown(path)} was changed ${Math.floor(changedAgo)} s ago, but NGINX read its files ${Math.floor(readAgo)} s ago`
}
