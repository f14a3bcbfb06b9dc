import { createDrivers } from '../connection/drivers.js'
import { trustHosts, type TrustReport, type TrustRow } from '../connection/trust.js'
import { EXIT, GwError } from '../errors.js'
import { cleanText } from '../shell/clean.js'
import { confirm } from '../ui/questions.js'
import type { CommandContext } from './base-command.js'
import { loadFleet } from './fleet.js'
import type { CommandResult } from './result.js'

export interface TrustRequest {
  readonly environment: string | undefined
  readonly limit: string | undefined
  /** Records new keys without asking. */
  readonly yes: boolean
}

/** Shows and records host keys from the command line. */
export async function runTrustCommand(
  request: TrustRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const { inventory, hosts, typed } = await loadFleet({ ...request, forks: 1 })
  const drivers = createDrivers({ environment: typed })
  const trusted = await trustHosts(hosts, {
    environment: typed,
    scannerFor: (host) => drivers.driverFor(host),
    show: (rows) => {
      if (!request.yes) context.report(rowsText(rows))
    },
    confirm: (question) =>
      request.yes ? Promise.resolve(true) : confirm(context.terminal, question, context.interrupts.stop),
    signal: context.interrupts.stop,
  })
  return resultOf(inventory.environment, typed, trusted)
}

/**
 * The first error's exit code, else 130 when the answer was no. `typed` names the environment
 * in commands to type.
 */
function resultOf(environment: string, typed: string, { rows, errors }: TrustReport): CommandResult {
  const declined = rows.some((row) => row.state === 'declined')
  const all = declined ? [...errors, declinedError(typed)] : errors
  return {
    exitCode: all[0]?.exitCode ?? EXIT.done,
    environment,
    text: `${rowsText(rows)}\n${summary(rows)}`,
    errors: all,
    data: { keys: rows },
  }
}

function summary(rows: readonly TrustRow[]): string {
  const count = (state: TrustRow['state']) => rows.filter((row) => row.state === state).length
  const states = ['recorded', 'known', 'declined', 'changed', 'revoked', 'unreachable'] as const
  return states
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`)
    .join(', ')
}

/** One line a key: state, host, name in known_hosts, type, fingerprint. */
function rowsText(rows: readonly TrustRow[]): string {
  const name = (row: TrustRow) => (row.isJump ? `jump host of ${row.host}` : row.host)
  const width = (of: (row: TrustRow) => string) => Math.max(...rows.map((row) => of(row).length), 0)
  const [nameWidth, addressWidth] = [width(name), width((row) => row.name)]
  return rows
    .map((row) => {
      const state = row.state === 'changed' ? 'CHANGED' : row.state
      const key = row.fingerprint === null ? '' : `${row.type ?? ''} ${row.fingerprint}`
      return `${state.padEnd(11)}  ${name(row).padEnd(nameWidth)}  ${row.name.padEnd(addressWidth)}  ${key}`.trimEnd()
    })
    .map((line) => cleanText(line))
    .join('\n')
}

function declinedError(typed: string): GwError {
  return new GwError('CHANGES_DECLINED', 'nothing was recorded', {
    nextSteps: [`gw trust ${typed} asks again.`],
  })
}
