import { GwError } from '../errors.js'

const SAFE = /^[A-Za-z0-9_@%+=:,./-]+$/

/**
 * Quotes one word for a POSIX shell (2.2.2 Single-Quotes): any bytes but NUL come through unchanged.
 * @throws GwError VALUE_REFUSED when the word holds a NUL, which no shell can carry.
 */
export function quote(word: string): string {
  if (word.includes('\0')) {
    throw new GwError('VALUE_REFUSED', 'a value with a NUL character cannot be sent to a shell', {
      frame: JSON.stringify(word.slice(0, 80)),
      nextSteps: ['Remove the NUL character from the inventory or playbook value.'],
    })
  }
  if (SAFE.test(word)) return word
  return `'${word.replaceAll("'", `'\\''`)}'`
}
