/** A command's own arguments, and the words that it passes on. */
export interface SplitWords {
  readonly own: string[]
  /** What stands behind the first `--`, exactly as given; empty when there is none. */
  readonly passed: readonly string[]
}

/**
 * Takes a command line apart at its first `--`. The framework cannot be asked for what stands behind it: it sorts
 * arguments by where each word occurs first, so that `cp a b a` would come out as `cp a a b`.
 */
export function splitAtDashes(argv: readonly string[]): SplitWords {
  const at = argv.indexOf('--')
  return at === -1 ? { own: [...argv], passed: [] } : { own: argv.slice(0, at), passed: argv.slice(at + 1) }
}
