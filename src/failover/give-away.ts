import { addressHeld } from '../facts/address.js'
import { ask } from '../facts/fact.js'
import { isActive, unitState } from '../facts/unit.js'
import type { Operation } from '../operations/operation.js'
import { passOn } from '../release/hand-over.js'
import { LIVENESS_UNIT } from '../render/liveness/unit.js'

interface GiveAwayArguments {
  /** The host itself. */
  readonly from: string
  /** The virtual IP. */
  readonly address: string
  /** Who is expected to take it; null when that is not known. */
  readonly to: string | null
}

/** The host has given the virtual IP away and stands by. Only for one that has it, beside a peer that takes it. */
export function giveAway({ from, to, address }: GiveAwayArguments): Operation {
  const held = ask(addressHeld, { address })
  const prober = ask(unitState, { name: LIVENESS_UNIT })
  return {
    subject: address,
    questions: [held, prober],
    decide(answers) {
      if (!answers.to(held)) {
        const reason = `${address} is not here any more`
        return { kind: 'blocked', code: 'PEER_UNFIT', reason, nextSteps: ['gw failover ENV looks again.'] }
      }
      // Were this program killed half way, nobody else would have the host stand by again.
      if (!isActive(answers.to(prober))) {
        const reason = `${LIVENESS_UNIT} does not run, which ends the handover when gw cannot`
        return {
          kind: 'blocked',
          reason,
          nextSteps: [`gw exec ENV ${from} -- systemctl start ${LIVENESS_UNIT}`],
        }
      }
      const summary = to === null ? 'to another gateway' : `to ${to}`
      return { kind: 'change', summary, script: passOn(address) }
    },
  }
}
