const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u

/**
 * The first character of a text that may not stand in an inventory, as `U+000A`, or `null`. Refused are control
 * characters, line ends, halves of a character, and marks that turn the direction of writing: none of them has an
 * honest place in a name or a setting, and each can make a file, a diff or a terminal say something else.
 */
export function forbiddenCharacter(text: string): string | null {
  const code = CONTROL.exec(text)?.[0].codePointAt(0)
  return code === undefined ? null : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/** The text with a replacement for every character that a terminal would obey; a tab becomes a blank. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll(new RegExp(CONTROL, 'gu'), '\ufffd')
}
