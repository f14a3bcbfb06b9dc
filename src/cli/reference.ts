import { ERROR_EXIT_CODES } from '../errors.js'

interface FlagInfo {
  readonly name: string
  readonly char?: string
  readonly description?: string
  readonly type: string
  readonly helpValue?: string | readonly string[]
  readonly default?: unknown
  readonly aliases?: readonly string[]
}

/** What the reference needs of a command, as oclif's manifest has it. */
export interface CommandInfo {
  readonly id: string
  readonly summary?: string
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly args: Readonly<Record<string, { name: string; description?: string; required?: boolean }>>
  readonly flags: Readonly<Record<string, FlagInfo>>
}

const EXIT_CODES: readonly (readonly [number, string])[] = [
  [0, 'done, or nothing to do'],
  [1, "a fault of gw's own"],
  [2, 'usage or inventory wrong'],
  [3, 'a host failed'],
  [4, 'a host could not be reached'],
  [8, '`plan` or `--check` found changes'],
  [130, 'interrupted, or the plan was not accepted'],
]

/** docs/reference.md: every command with its arguments, flags and examples, exit codes, error codes. */
export function referenceText(commands: Readonly<Record<string, CommandInfo>>): string {
  const own = Object.values(commands).sort((one, other) => (one.id < other.id ? -1 : 1))
  return `${[
    '# Reference',
    'Written from the commands themselves; `npm run reference` writes it again.',
    ...own.map(commandText),
    '## Exit codes',
    table(
      ['code', 'meaning'],
      EXIT_CODES.map(([code, meaning]) => [String(code), meaning]),
    ),
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
  const usage = [
    name,
    ...args.map((arg) => (arg.required === true ? arg.name.toUpperCase() : `[${arg.name.toUpperCase()}]`)),
  ].join(' ')
  const examples = (command.examples ?? []).map((example) => exampleText(String(example), name))
  return [
    `## ${name}`,
    [command.summary, command.description].filter((text) => text !== undefined).join('\n\n'),
    `\`\`\`\n${usage} [flags]\n\`\`\``,
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

function exampleText(example: string, name: string): string {
  return example.replaceAll('<%= config.bin %> <%= command.id %>', name)
}

function flagText(flag: FlagInfo): string {
  const value =
    flag.type === 'option' ? ` ${typeof flag.helpValue === 'string' ? flag.helpValue : 'VALUE'}` : ''
  const short = flag.char === undefined ? '' : `\`-${flag.char}\`, `
  const preset =
    flag.default === undefined || typeof flag.default === 'boolean'
      ? ''
      : ` (default ${String(flag.default)})`
  return `${short}\`--${flag.name}${value}\`${preset}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
