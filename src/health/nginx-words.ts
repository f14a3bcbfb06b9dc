import { cleanLine } from '../shell/clean.js'
import type { HostObservation } from './observation.js'

const LONGEST_SENTENCE = 300

/** At most `longest` characters of a text, on one line and safe to show. */
export function shown(text: string, longest = LONGEST_SENTENCE): string {
  const cleaned = cleanLine(text.slice(0, longest))
  return text.length > longest ? `${cleaned}...` : cleaned
}

/** The same of a program's words, which end a sentence of ours. */
export function shownWords(text: string): string {
  return shown(text.trim()).replace(/[\s.]+$/u, '')
}

/** A complaint as NGINX prints it or logs it: `nginx: [emerg] ...` or `2026/11/21 20:00:00 [emerg] 700#700: ...`. */
const COMPLAINT =
  /^(?:nginx: |\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )?\[(?:emerg|alert|crit|error|warn)\] (?:(?<pid>\d+)#\d+: )?(?:\*\d+ )?(?<words>.*)$/u

/** What NGINX complains of, its own words only; safe to show. */
function complaintsIn(output: string): string[] {
  return output.split(/\r?\n/).flatMap((line) => complaintOf(line)?.words ?? [])
}

const ABOUT_CERTIFICATES =
  /cannot load certificate|SSL_CTX_use_|SSL_CTX_\w+_chain|PEM_read_bio|key values mismatch/

/** Of what `nginx -t` printed, what is wrong with certificates and their keys; safe to show. */
export function certificateComplaints(output: string): string[] {
  return complaintsIn(output).filter((words) => ABOUT_CERTIFICATES.test(words))
}

/** The other complaints; safe to show. */
export function otherComplaints(output: string): string[] {
  return complaintsIn(output).filter((words) => !ABOUT_CERTIFICATES.test(words))
}

/** What a line complains of, safe to show, and the process that logged it; null for any other line. */
export function complaintOf(line: string): { readonly pid: number | null; readonly words: string } | null {
  const { pid, words = '' } = COMPLAINT.exec(line)?.groups ?? {}
  const said = shownWords(words)
  return said === '' ? null : { pid: pid === undefined ? null : Number(pid), words: said }
}

/** Between what NGINX says and what systemd makes of it, and between two attempts to start it. */
const ATTEMPT_SECONDS = 10

/** Why an NGINX that could not start or go on did not, in its own words behind a semicolon; empty when it said nothing. */
export function lastWords({
  units: { nginx: unit },
  configuration: { emergency },
  fitness,
}: HostObservation): string {
  if (unit === null || unit.active === 'inactive' || emergency === null) return ''
  const since = Math.max(0, fitness.now - (unit.changedAt ?? fitness.now))
  const complaint = emergency.ageSeconds < since + ATTEMPT_SECONDS ? complaintOf(emergency.text) : null
  return complaint === null ? '' : `; NGINX says: ${complaint.words}`
}
