import fc from 'fast-check'
import { anyCharacter } from '../any-character.js'

/** What YAML, INI, NGINX, shells and terminals take for more than a letter. */
const TROUBLE = [
  ...Array.from({ length: 33 }, (_, code) => String.fromCharCode(code)),
  ...Array.from({ length: 32 }, (_, index) => '"\'`$(){}[]:;,#&*!|>%@-\\/~=?<^+_.'.charAt(index)),
  ...['a', '0', 'é', '\u0085', '\u2028', '\u202e', '\ufeff', '\ud800'],
]

export const anyText = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...TROUBLE) }),
)
