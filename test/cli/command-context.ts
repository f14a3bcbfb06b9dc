import type { CommandContext } from '../../src/cli/base-command.js'
import { FakeTerminal } from '../fakes/terminal.js'

/** What a command is given whose progress goes to `lines`. */
export function commandContext(lines: string[] = [], terminal = new FakeTerminal()): CommandContext {
  const signals = { stop: new AbortController().signal, abandon: new AbortController().signal }
  return {
    ...{ terminal, json: false, verbose: false, typed: 'gw failover-drill lab', version: '0.1.0' },
    interrupts: { ...signals, dispose: () => undefined },
    report: (line) => {
      lines.push(line)
    },
  }
}
