import { Command, Errors, Flags } from '@oclif/core'
import { GwError } from '../errors.js'
import { detectTerminal, type Terminal } from '../ui/terminal.js'
import { errorText } from '../ui/text.js'
import { listenForInterrupts, type Interrupts } from './interrupts.js'
import { envelope, type CommandResult } from './result.js'
import { typedCommand } from './typed-command.js'

/** What a command is given to work with. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly interrupts: Interrupts
  readonly json: boolean
  readonly verbose: boolean
  /** What was typed, without what may be a secret. */
  readonly typed: string
  /** gw's version. */
  readonly version: string
  /** Prints a line of progress on stderr, unless `--json` wants silence. */
  readonly report: (line: string) => void
}

const JSON_FLAG = /^--json$/

interface Printing {
  readonly terminal: Terminal
  readonly json: boolean
  readonly verbose: boolean
  readonly ms: number
}

/**
 * Every gw command: subclasses parse, call one playbook and return a result; printing, errors, `--json` and exit codes
 * are the same for all and live here.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({
      description: 'Print one JSON object on stdout and nothing else.',
      helpGroup: 'GLOBAL',
    }),
    verbose: Flags.boolean({
      char: 'v',
      description: 'Show every task with its reason, and the causes of errors.',
      helpGroup: 'GLOBAL',
    }),
  }

  /** What this command adds to the envelope, for a failure before there is anything to say: the keys stay the same. */
  protected readonly blank: NonNullable<CommandResult['data']> = {}

  protected abstract execute(context: CommandContext): Promise<CommandResult>

  /** What a failure comes to, that of the words that were typed included, where a command has not told of it. */
  protected failed(error: GwError): CommandResult {
    return { exitCode: error.exitCode, environment: null, text: '', errors: [error], data: this.blank }
  }

  override async run(): Promise<void> {
    // Else the framework warns on stderr of a command that "did not parse" when its arguments were wrong.
    this.parsed = true
    const begin = performance.now()
    const terminal = this.#terminal()
    const interrupts = listenForInterrupts(process)
    const json = this.#has(JSON_FLAG)
    const verbose = this.#has(/^(--verbose|-[a-z]*v[a-z]*)$/)
    const report = (line: string): void => {
      if (!json) terminal.err.write(`${line}\n`)
    }
    const typed = typedCommand([...this.#name().split(' '), ...this.argv])
    const { version } = this.config
    const result = await this.#executed({ terminal, interrupts, json, verbose, typed, version, report })
    interrupts.dispose()
    this.#print(result, { terminal, json, verbose, ms: performance.now() - begin })
    process.exitCode = result.exitCode
  }

  async #executed(context: CommandContext): Promise<CommandResult> {
    try {
      return await this.execute(context)
    } catch (error) {
      return this.failed(asGwError(error))
    }
  }

  #print(result: CommandResult, { terminal, json, verbose, ms }: Printing): void {
    if (json) {
      terminal.out.write(`${JSON.stringify(envelope(this.#name(), result, ms), undefined, 2)}\n`)
      return
    }
    if (result.text !== '') terminal.out.write(`${result.text}\n`)
    for (const warning of result.warnings ?? [])
      terminal.err.write(`${terminal.paintErr('yellow', 'Warning')} ${warning}\n`)
    for (const error of result.errors ?? [])
      terminal.err.write(`${errorText(error, terminal.paintErr, verbose)}\n`)
  }

  #name(): string {
    return (this.id ?? '').replaceAll(':', ' ')
  }

  /** Under `--json` nobody is asked: a question without the plan that it is about could only be answered blindly. */
  #terminal(): Terminal {
    const terminal = detectTerminal(process)
    // A reader that goes away (`gw plan | head`, a closed terminal) must not end gw in the middle of a change.
    for (const stream of [terminal.out, terminal.err]) stream.on('error', () => undefined)
    return this.#has(JSON_FLAG) ? { ...terminal, interactive: false } : terminal
  }

  /** Read from the words themselves: an error while parsing them must come out as asked for, too. */
  #has(flag: RegExp): boolean {
    const end = this.argv.indexOf('--')
    return (end === -1 ? this.argv : this.argv.slice(0, end)).some((word) => flag.test(word))
  }
}

/** A usage error of the framework's or a fault of gw's own, as a GwError. */
function asGwError(error: unknown): GwError {
  if (error instanceof GwError) return error
  if (error instanceof Errors.CLIError) {
    return new GwError('USAGE', firstSentence(error.message), {
      cause: error,
      nextSteps: ['Add --help to see what the command takes.'],
    })
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new GwError('INTERNAL', 'a fault of gw itself', {
    cause: error,
    frame: stack,
    nextSteps: ['Please report it with the lines above. `gw plan ENV` shows where the hosts stand.'],
  })
}

/** The framework's own heading and its advice about --help are left out, and its line breaks. */
export function firstSentence(message: string): string {
  const text = message
    .replace(/\s*See more help with --help\s*$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replaceAll(/:?\s*\n\s*/g, ': ')
  return text.charAt(0).toLowerCase() + text.slice(1)
}
