import type { EngineEvent } from '../engine/events.js'
import { leftText, type Holder } from '../model/lock.js'
import { cleanLine } from '../shell/clean.js'

export type LockEvent = Extract<EngineEvent, { type: 'lock.waiting' | 'lock.taken-over' }>

/** What a person is told of a host's lock, without the host's name. */
export function lockText(event: LockEvent): string {
  const { holder } = event
  const owner = ownerText(holder)
  if (event.type === 'lock.taken-over')
    return holder.kind === 'hand'
      ? `took over the lock of ${owner}, whose time was over`
      : `took over the lock of ${owner}, which did not end; what it had not confirmed is undone`
  const { leftSeconds } = event
  const lease = leftSeconds > 0 ? `its lease runs ${leftText(leftSeconds)} more` : 'its lease is over'
  return `waiting for the lock: held by ${owner} since ${cleanLine(holder.since)}; ${lease}`
}

function ownerText({ kind, run, by, command, reason }: Holder): string {
  const why = reason === '' ? '' : `because: ${reason}`
  if (kind === 'hand') return cleanLine(why === '' ? by : `${by} (${why})`)
  return cleanLine(`run ${run} (${command} by ${by}${why === '' ? '' : `, ${why}`})`)
}
