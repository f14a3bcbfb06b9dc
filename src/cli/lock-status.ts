import type { LockSeen } from '../facts/lock-state.js'
import { leftText } from '../model/lock.js'
import { LOCK } from '../release/settling.js'
import { type Cell, tableText } from '../ui/table.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { askedResult, loadGateways } from './gateways.js'
import type { CommandResult } from './result.js'

/** Shows who has the lock of each gateway. */
export async function runLockStatus(
  selection: FleetSelection,
  context: CommandContext,
): Promise<CommandResult> {
  const gateways = await loadGateways(selection, context)
  const { answers, errors } = await gateways.ask(gateways.hosts, () => [LOCK])
  const seen = [...answers].map(([host, answer]) => ({ host, ...answer.to(LOCK) }))
  return {
    ...askedResult(gateways, errors, context),
    text: seen.length === 0 ? '' : locksText(seen, context),
    data: { locks: seen },
  }
}

const HEAD = ['HOST', 'LOCK', 'RUN', 'BY', 'SINCE', 'COMMAND', 'REASON']

function locksText(
  seen: readonly (LockSeen & { readonly host: string })[],
  { terminal }: CommandContext,
): string {
  const rows = seen.map(({ host, lock }): Cell[] => {
    // One that a person took ends by itself, and leaves nothing behind.
    const isFree = lock === null || (lock.holder.kind === 'hand' && lock.leftSeconds <= 0)
    if (isFree) return [host, { text: 'free', style: 'green' }]
    const { run, by, since, command, reason } = lock.holder
    return [host, leaseCell(lock.leftSeconds), run, by, since, command, reason]
  })
  return tableText(HEAD, rows, terminal.paintOut)
}

function leaseCell(leftSeconds: number): Cell {
  if (leftSeconds <= 0) return { text: 'over: the run did not end', style: 'red' }
  return { text: `held, ${leftText(leftSeconds)} left`, style: 'yellow' }
}
