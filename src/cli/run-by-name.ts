import { GwError } from '../errors.js'

interface Named {
  readonly run: string
}

/**
 * The first of the runs whose name begins so. Several of the same run are one.
 * @param made what the runs are said to be: `was made from here`
 * @param nextStep what lists them
 * @throws GwError USAGE when there is none, or different ones
 */
export function runByName<Run extends Named>(
  runs: readonly Run[],
  beginning: string,
  { made, nextStep }: { readonly made: string; readonly nextStep: string },
): Run {
  const found = runs.filter(({ run }) => run.startsWith(beginning))
  const [first] = found
  const shown = JSON.stringify(beginning)
  const nextSteps = [nextStep]
  if (first === undefined)
    throw new GwError('USAGE', `no run that begins with ${shown} ${made}`, { nextSteps })
  const names = [...new Set(found.map(({ run }) => run))]
  if (names.length === 1) return first
  throw new GwError('USAGE', `${shown} is the beginning of several runs: ${names.join(', ')}`, { nextSteps })
}
