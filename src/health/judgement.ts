import type { Finding, Judgement } from '../model/health.js'

const GRAVITY = ['error', 'warning', 'note'] as const satisfies readonly Finding['severity'][]

/** A check that could be made, with what it found; an error fails it. */
export function judged(findings: readonly Finding[]): Judgement {
  const inOrder = GRAVITY.flatMap((severity) => findings.filter((each) => each.severity === severity))
  return {
    verdict: findings.some(({ severity }) => severity === 'error') ? 'fail' : 'pass',
    findings: inOrder,
  }
}

/**
 * A check that could not be made, and why. What fails only because something else has failed is not judged either: so a
 * fault shows once, where it is to be mended.
 */
export function unjudged(message: string, help = ''): Judgement {
  return { verdict: 'inconclusive', findings: [{ severity: 'note', message, help }] }
}

export function error(message: string, help: string): Finding {
  return { severity: 'error', message, help }
}

export function warning(message: string, help: string): Finding {
  return { severity: 'warning', message, help }
}
