import { randomBytes } from 'node:crypto'
import type { LockOptions } from '../engine/lock/fleet-lock.js'
import type { Host } from '../model/host.js'
import type { Holder } from '../model/lock.js'
import { lockText } from '../ui/lock-text.js'
import type { CommandContext } from './base-command.js'
import { operatorName } from './operator.js'

interface HandLock {
  readonly hosts: readonly Host[]
  readonly reason: string
  readonly leaseMs: number
  readonly waitMs: number
}

/** How a command takes locks that no run stands behind. */
export function lockOptions(
  { hosts, reason, leaseMs, waitMs }: HandLock,
  context: CommandContext,
): LockOptions & { readonly holder: Holder } {
  const holder: Holder = {
    kind: 'hand',
    run: randomBytes(4).toString('hex'),
    by: operatorName(),
    command: context.typed,
    reason,
    since: new Date().toISOString(),
    release: null,
    before: null,
    hosts: hosts.map(({ name }) => name),
  }
  return {
    holder,
    holderOf: () => holder,
    leaseMs,
    waitMs,
    emit: (event) => {
      if (event.type !== 'lock.waiting' && event.type !== 'lock.taken-over') return
      context.report(`${event.host.padEnd(12)} ${lockText(event)}`)
    },
    now: () => performance.now(),
    signal: context.interrupts.stop,
  }
}
