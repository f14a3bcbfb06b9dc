import type { Finding, Judgement, Verdict } from '../model/health.js'

const GRAVITY = ['error', 'warning', 'note'] as const satisfies readonly Finding['severity'][]

/** A check with what it found: an error fails it; else a note leaves it open, for something could not be told. */
export function judged(findings: readonly Finding[]): Judgement {
  const inOrder = GRAVITY.flatMap((severity) => findings.filter((each) => each.severity === severity))
  return { verdict: verdictBy(inOrder), findings: inOrder }
}

function verdictBy(findings: readonly Finding[]): Verdict {
  const has = (wanted: Finding['severity']) => findings.some(({ severity }) => severity === wanted)
  if (has('error')) return 'fail'
  return has('note') ? 'inconclusive' : 'pass'
}

/**
 * A check that could not be made, and why. What fails only because something else has failed is not judged either: so a
 * fault shows once, where it is to be mended.
 */
export function unjudged(message: string, help = ''): Judgement {
  return judged([note(message, help)])
}

export function error(message: string, help: string): Finding {
  return { severity: 'error', message, help }
}

export function warning(message: string, help: string): Finding {
  return { severity: 'warning', message, help }
}

/** What could not be told, and why. */
export function note(message: string, help = ''): Finding {
  return { severity: 'note', message, help }
}
