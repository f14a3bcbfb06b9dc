import type { EngineEvent } from '../engine/events.js'
import type { Holder } from '../model/lock.js'
import { cleanLine } from '../shell/clean.js'

export type LockEvent = Extract<EngineEvent, { type: 'lock.waiting' | 'lock.taken-over' }>

/** What a person is told of a host's lock, without the host's name. */
export function lockText(event: LockEvent): string {
  const owner = ownerText(event.holder)
  if (event.type === 'lock.taken-over')
    return `took over the lock of ${owner}, which did not end; what it had not confirmed is undone`
  const { leftSeconds, holder } = event
  const lease = leftSeconds > 0 ? `its lease runs ${leftSeconds} s more` : 'its lease is over'
  return `waiting for the lock: held by ${owner} since ${cleanLine(holder.since)}; ${lease}`
}

function ownerText({ run, by, command, reason }: Holder): string {
  const why = reason === '' ? '' : `, because: ${reason}`
  return cleanLine(`run ${run} (${command} by ${by}${why})`)
}
