import { GwError } from '../errors.js'
import type { Seen, Unfit } from '../release/peer-sight.js'
import { cleanLine } from '../shell/clean.js'

/** Nobody among the gateways that were asked has the virtual IP. */
export function nobodyHolds(address: string, asked: readonly string[]): GwError {
  const message = `none of ${asked.join(', ')} holds ${address}, so there is nothing to hand over`
  return new GwError('PEER_UNFIT', message, { nextSteps: ['gw health ENV says why nobody has it.'] })
}

/** The virtual IP is not where it was when the handover was agreed to. */
export function hasMoved(host: string, address: string, holders: readonly string[]): GwError {
  const where = holders.length === 0 ? 'nobody has it' : `${holders.join(' and ')} has it`
  return new GwError(
    'PEER_UNFIT',
    `${address} has gone from here meanwhile (${where}); nothing was changed`,
    {
      host,
      nextSteps: ['gw failover ENV looks again.'],
    },
  )
}

/** A release that nobody confirmed is taken back by its host, which may restart what clients use. */
export function onTrial({ name, trial }: Seen): GwError {
  const what = trial === null ? '' : `${cleanLine(trial.release)} on trial for run ${cleanLine(trial.run)}`
  return new GwError('PEER_UNFIT', `it has ${what}, which nobody confirmed; nothing was changed`, {
    host: name,
    nextSteps: ['gw resume ENV brings that run to its end.', 'gw abort ENV takes back what it did.'],
  })
}

/** The gateway that would take the virtual IP cannot carry it, or there is none. */
export function nobodyFit(host: string, address: string, unfit: readonly Unfit[]): GwError {
  const message = `no gateway that is fit would take ${address}, so nothing was changed`
  return new GwError('PEER_UNFIT', message, {
    host,
    frame:
      unfit.length === 0
        ? 'no other gateway was asked'
        : unfit.map(({ name, reasons }) => `${name}: ${reasons.join('; ')}`).join('\n'),
    nextSteps: ['gw health ENV says what helps.'],
  })
}
