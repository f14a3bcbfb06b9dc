import type { X509Certificate } from 'node:crypto'

export const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** How long a certificate that gw makes is valid; some clients take none of more than 398 days. */
export const LEAF_DAYS = 397

/** When a certificate is valid. */
interface Validity {
  readonly from: Date
  readonly to: Date
}

export function validityOf(certificate: X509Certificate): Validity {
  return { from: new Date(certificate.validFrom), to: new Date(certificate.validTo) }
}

export function isValidAt(certificate: X509Certificate, now: Date): boolean {
  const { from, to } = validityOf(certificate)
  return from <= now && now < to
}

/** Less than a third of its life is left. */
export function isRunningOut(certificate: X509Certificate, now: Date): boolean {
  return lifeLeft(certificate, now) < 1 / 3
}

/** The share of its life that is left: 1 for a new certificate, nothing or less for one that has expired. */
export function lifeLeft(certificate: X509Certificate, now: Date): number {
  const { from, to } = validityOf(certificate)
  return (to.getTime() - now.getTime()) / (to.getTime() - from.getTime())
}

/** Such as "2026-03-01 12:00 UTC". */
export function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** How long it is between two times, in words: whole days, below one day whole hours, below one hour minutes. */
export function formatSpan(from: Date, to: Date): string {
  const ms = to.getTime() - from.getTime()
  if (ms >= DAY_MS) return counted(ms / DAY_MS, 'day')
  return ms >= HOUR_MS ? counted(ms / HOUR_MS, 'hour') : counted(Math.max(ms, 0) / MINUTE_MS, 'minute')
}

function counted(number: number, noun: string): string {
  const whole = Math.floor(number)
  return `${whole} ${noun}${whole === 1 ? '' : 's'}`
}
