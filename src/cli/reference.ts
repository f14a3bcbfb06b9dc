import { ERROR_EXIT_CODES, EXIT, EXIT_MEANING } from '../errors.js'

interface ArgInfo {
  readonly name: string
  readonly description?: string
  readonly required?: boolean
}

interface FlagInfo {
  readonly name: string
  readonly char?: string
  readonly description?: string
  readonly type: string
  readonly helpValue?: string | readonly string[]
  readonly default?: unknown
}

/** What the reference needs of a command, as oclif's manifest has it. */
export interface CommandInfo {
  readonly id: string
  readonly summary?: string
  readonly description?: string
  readonly usage?: string | readonly string[]
  readonly examples?: readonly unknown[]
  readonly args: Readonly<Record<string, ArgInfo>>
  readonly flags: Readonly<Record<string, FlagInfo>>
}

/** docs/reference.md: every command with its arguments, flags and examples, exit codes, error codes. */
export function referenceText(commands: Readonly<Record<string, CommandInfo>>): string {
  const own = Object.values(commands).sort((one, other) => (one.id < other.id ? -1 : 1))
  return `${[
    '# Reference',
    'Written from the commands themselves; `npm run reference` writes it again.',
    ...own.map(commandText),
    '## Exit codes',
    table(['code', 'meaning'], exitRows()),
    '## Error codes',
    'What `error.code` of `--json` can be, and the exit code that it leads to.',
    table(
      ['code', 'exit code'],
      Object.entries(ERROR_EXIT_CODES).map(([code, exit]) => [`\`${code}\``, String(exit)]),
    ),
  ].join('\n\n')}\n`
}

function commandText(command: CommandInfo): string {
  const name = `gw ${command.id.replaceAll(':', ' ')}`
  const args = Object.values(command.args)
  const usage = typeof command.usage === 'string' ? exampleText(command.usage, command) : usageOf(name, args)
  const examples = (command.examples ?? []).map((example) => exampleText(String(example), command))
  return [
    `## ${name}`,
    [command.summary, command.description].filter((text) => text !== undefined).join('\n\n'),
    `\`\`\`\n${usage}\n\`\`\``,
    table(
      ['argument or flag', 'meaning'],
      [
        ...args.map((arg) => [`\`${arg.name.toUpperCase()}\``, arg.description ?? '']),
        ...Object.values(command.flags).map((flag) => [flagText(flag), flag.description ?? '']),
      ],
    ),
    ...(examples.length === 0 ? [] : [`\`\`\`\n${examples.join('\n')}\n\`\`\``]),
  ].join('\n\n')
}

function exitRows(): string[][] {
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[]
  return names.map((name) => [String(EXIT[name]), EXIT_MEANING[name]])
}

function usageOf(name: string, args: readonly ArgInfo[]): string {
  return [
    name,
    ...args.map(({ name, required }) => (required === true ? upper(name) : `[${upper(name)}]`)),
    '[FLAGS]',
  ].join(' ')
}

function upper(name: string): string {
  return name.toUpperCase()
}

function exampleText(example: string, { id }: CommandInfo): string {
  const text = example
    .replaceAll('<%= config.bin %>', 'gw')
    .replaceAll('<%= command.id %>', id.replaceAll(':', ' '))
  return text.startsWith('gw ') ? text : `gw ${text}`
}

function flagText(flag: FlagInfo): string {
  const value =
    flag.type === 'option' ? ` ${typeof flag.helpValue === 'string' ? flag.helpValue : 'VALUE'}` : ''
  const short = flag.char === undefined ? '' : `\`-${flag.char}\`, `
  const preset =
    flag.default === undefined || typeof flag.default === 'boolean'
      ? ''
      : ` (default ${JSON.stringify(flag.default)})`
  return `${short}\`--${flag.name}${value}\`${preset}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
