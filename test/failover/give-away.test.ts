import { describe, expect, it } from 'vitest'
import type { Answers, Question } from '../../src/facts/fact.js'
import type { UnitState } from '../../src/facts/unit.js'
import { giveAway } from '../../src/failover/give-away.js'
import type { Decision } from '../../src/operations/operation.js'
import { RUNNING, VIP } from '../release/fake-trial-host.js'

function decide(held: boolean, prober: UnitState | null, to: string | null = 'gw-2'): Decision {
  const answer = ({ fact }: Question<unknown>): unknown => (fact.name === 'address' ? held : prober)
  const answers: Answers = { to: answer as Answers['to'] }
  return giveAway({ from: 'gw-1', to, address: VIP }).decide(answers, { changes: () => false })
}

describe('giving the virtual IP away', () => {
  it('says to whom it goes, as far as that is known', () => {
    expect(decide(true, RUNNING)).toMatchObject({ kind: 'change', summary: 'to gw-2' })
    expect(decide(true, RUNNING, null)).toMatchObject({ kind: 'change', summary: 'to another gateway' })
  })

  it('cannot be done by a host that does not have it any more', () => {
    expect(decide(false, RUNNING)).toMatchObject({ kind: 'blocked', code: 'PEER_UNFIT' })
  })

  it.each([null, { ...RUNNING, active: 'failed' }])(
    'is not begun where nobody would end it when gw is killed',
    (prober) => {
      const nextSteps = ['gw exec ENV gw-1 -- systemctl start gw-liveness.service']
      expect(decide(true, prober)).toMatchObject({ kind: 'blocked', nextSteps })
    },
  )
})
