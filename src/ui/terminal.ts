import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** What gw may do on the terminal that it was started from. Progress goes to `err`, results to `out`. */
export interface Terminal {
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
  /** True when a person is there to answer and to watch: stdin and stderr are terminals, and this is not CI. */
  readonly interactive: boolean
  /** Colours a text for stdout, when stdout may have colours. */
  readonly paintOut: (style: Style, text: string) => string
  /** Colours a text for stderr, when stderr may have colours. */
  readonly paintErr: (style: Style, text: string) => string
}

/** Reads the process's streams and the conventions NO_COLOR, FORCE_COLOR, TERM=dumb and CI. */
export function detectTerminal(process: NodeJS.Process): Terminal {
  const { stdin, stdout, stderr, env } = process
  const dumb = env['TERM'] === 'dumb'
  const ci = (env['CI'] ?? '') !== ''
  const colours = (stream: NodeJS.WriteStream): boolean => {
    if ((env['NO_COLOR'] ?? '') !== '') return false
    if ((env['FORCE_COLOR'] ?? '') !== '') return env['FORCE_COLOR'] !== '0'
    return stream.isTTY && !dumb
  }
  return {
    out: stdout,
    err: stderr,
    interactive: [stdin, stderr].every((stream) => stream.isTTY) && !ci && !dumb,
    paintOut: painter(colours(stdout)),
    paintErr: painter(colours(stderr)),
  }
}

function painter(colours: boolean): (style: Style, text: string) => string {
  // Left to itself, styleText looks at stdout, whatever stream the text is for.
  return colours ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text
}
