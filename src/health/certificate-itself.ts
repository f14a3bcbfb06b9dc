import { isAlone } from '../certificate/chain.js'
import { faultsOf } from '../certificate/checks.js'
import { formatSpan, formatTime, lifeLeft, validityOf } from '../certificate/validity.js'
import type { Gateway } from '../model/gateway.js'
import type { Finding } from '../model/health.js'
import { error, warning } from './judgement.js'
import { shownWords } from './nginx-words.js'
import type { ShownCertificate } from './shown-certificates.js'

/** The shares of its life below which a certificate ought to have been renewed, and must be. */
const LATE = 1 / 3
const TOO_LATE = 1 / 6

interface Judging {
  readonly gateway: Gateway
  readonly now: Date
  /** Whether it lies there by somebody's hand, which stops a deploy until it is told what to do about it. */
  readonly byHand: boolean
}

/** What is the matter with a certificate, whoever shows it: what clients refuse it for, and what they soon will. */
export function itselfFindings(shown: ShownCertificate, judging: Judging): Finding[] {
  const { gateway, now } = judging
  const faults = faultsOf(shown.chain, gateway.domain, now).map(({ message, nextSteps: [step = ''] }) =>
    error(shownWords(message), renewal(judging, shownWords(step))),
  )
  return [...faults, ...lifeFindings(shown, judging), ...aloneFindings(shown, judging, faults)]
}

/** Those that gw makes itself it also makes anew. */
function renewal({ gateway: { tls }, byHand }: Judging, step: string): string {
  const deploy = byHand ? 'gw deploy ENV --overwrite' : 'gw deploy ENV'
  return tls.kind === 'self-signed' ? deploy : `${step.replace(/[.]$/, '')}; then: ${deploy}`
}

function lifeFindings({ chain: { leaf } }: ShownCertificate, judging: Judging): Finding[] {
  const { now } = judging
  const { from, to } = validityOf(leaf.certificate)
  const left = lifeLeft(leaf.certificate, now)
  // What is not valid now is a fault of its own.
  if (now < from || now >= to || !(left < LATE)) return []
  const percent = Math.floor(left * 100)
  const message = `${leaf.name} expires on ${formatTime(to)}, in ${formatSpan(now, to)}: ${percent} % of its life is left`
  const help = renewal(judging, 'Have it renewed, and put it where `tls` of the inventory has it.')
  return [left < TOO_LATE ? error(message, help) : warning(message, help)]
}

/** Where it has other faults, those are why nobody trusts it. */
function aloneFindings(
  { chain, distrusted }: ShownCertificate,
  judging: Judging,
  faults: readonly Finding[],
): Finding[] {
  if (distrusted === null || faults.length > 0 || !isAlone(chain)) return []
  const message = `${chain.leaf.name} is sent without the one that issued it, and clients do not trust it: ${shownWords(distrusted)}`
  return [warning(message, renewal(judging, 'Put the certificate of its issuer behind it in its file.'))]
}
