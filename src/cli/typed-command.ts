import { cleanLine } from '../shell/clean.js'
import { quote } from '../shell/quote.js'

const LONGEST = 300

/**
 * A command as it was typed, for locks, journals and audit lines: `gw deploy production`. What stands behind `--` is for
 * hosts and may hold a secret: it is left out.
 * @param argv the words behind `gw`
 */
export function typedCommand(argv: readonly string[]): string {
  const end = argv.indexOf('--')
  const own = end === -1 ? argv : [...argv.slice(0, end), '--', '...']
  const text = cleanLine(['gw', ...own].map((word) => (word === '--' ? word : quote(word))).join(' '))
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`
}
