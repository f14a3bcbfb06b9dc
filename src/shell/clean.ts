const SEQUENCES = new RegExp(
  [
    // CSI: colours, cursor moves, clearing.
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    // OSC, DCS, SOS, PM, APC: titles, clipboard, hyperlinks; only when ended on the same line. None holds the beginning
    // of another, so that many beginnings without an end cost no more than their length.
    '(?:\\u001b[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u0090\\u0098\\u009c-\\u009f\\n]*(?:\\u0007|\\u001b\\\\|\\u009c)',
  ].join('|'),
  'gu',
)

/** Everything that a terminal acts upon or that reorders text; the joiners stay, as scripts and emoji need them. */
const CONTROLS = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

const LONE_SURROGATES = /\p{Surrogate}/gu

function escape(control: string): string {
  const code = control.codePointAt(0) ?? 0
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}

/**
 * Makes text from a host, a user's file or another program safe to print: terminal sequences are removed, every other
 * control or bidirectional character is shown as an escape like `\x1b`, what is not UTF-8 becomes U+FFFD.
 * Line feeds and tabs stay, a carriage return before a line feed is dropped. Cleaning twice changes nothing more. The
 * time is linear in the length, whatever a host sends.
 */
export function cleanText(text: string | Uint8Array): string {
  const decoded = typeof text === 'string' ? text : new TextDecoder().decode(text)
  return decoded
    .replaceAll(LONE_SURROGATES, '\ufffd')
    .replaceAll(/(?<!\r)\r+\n/g, '\n')
    .replaceAll(SEQUENCES, '')
    .replaceAll(CONTROLS, escape)
}

/** The same for words that stand on one line: line feeds are shown as escapes, too. */
export function cleanLine(text: string): string {
  return cleanText(text).replaceAll('\n', '\\x0a')
}
