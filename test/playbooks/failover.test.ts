import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { failover } from '../../playbooks/failover.js'
import { GatheredAnswers } from '../../src/engine/gather.js'
import type { PlayContext, SurveyedPlaybook } from '../../src/engine/playbook.js'
import { isWatched } from '../../src/engine/trial.js'
import type { Question } from '../../src/facts/fact.js'
import type { Gateway } from '../../src/model/gateway.js'
import { FakeTrialHost, fitness, RUNNING } from '../release/fake-trial-host.js'
import { healthy, HealthServer } from '../release/health-server.js'
import { EMPTY_STORE } from '../release/store-text.js'
import { production } from './gateway-host.js'

let gateway: Gateway
let context: PlayContext
let playbook: SurveyedPlaybook
let story: string[]

beforeAll(async () => {
  ;({ gateway, context } = await production())
})

beforeEach(() => {
  story = []
  const listener = {
    begins: (from: string) => {
      story.push(`${from} begins`)
      return Promise.resolve()
    },
    moved: (to: string) => {
      story.push(`moved to ${to}`)
    },
  }
  playbook = failover({ gateway, run: '0a1b2c3d', listener })
})

function answers(holds: boolean): GatheredAnswers {
  const known: Readonly<Record<string, unknown>> = {
    address: holds,
    unit: RUNNING,
    'gateway-fitness': fitness('v1.1'),
    lock: { lock: null, token: 0 },
    'release-store': EMPTY_STORE,
  }
  const say = ({ key, fact }: Question<unknown>): [string, unknown] => [key, known[fact.name]]
  return new GatheredAnswers(new Map(playbook.questions(context).map(say)))
}

function played(...holding: boolean[]) {
  for (const host of context.hosts) playbook.questions({ ...context, host })
  return playbook.procedure(new Map(holding.map((holds, index) => [`gw-${index + 1}`, answers(holds)])))
}

describe('the playbook failover', () => {
  it('has the holder give the address to the other gateway, and has nothing else done anywhere', () => {
    const { plays, release } = played(false, true)
    const tasks = context.hosts.map((host) => plays.flatMap((play) => play.tasks({ ...context, host })))
    expect([tasks.map((own) => own.length), release]).toEqual([[0, 1], null])
    const decided = tasks.flat().map(({ name, operation }) => ({
      name,
      ...operation.decide(answers(true), { changes: () => false }),
    }))
    const { address } = gateway.virtualIp
    expect(decided).toMatchObject([{ name: `Give ${address} away`, kind: 'change', summary: 'to gw-1' }])
  })

  it('asks for all that its task asks for in the first round trip', () => {
    const foreseen = playbook.questions(context).map(({ key }) => key)
    const task = played(true, false).plays.flatMap((play) => play.tasks(context))
    const asked = task.flatMap(({ operation }) => operation.questions).map(({ key }) => key)
    expect(foreseen).toEqual(expect.arrayContaining(asked))
  })

  it('leaves it to the error of a gateway that did not answer to end the run', () => {
    expect(played(true).plays).toEqual([])
  })

  it('tells when it begins, once the guard lets it, and when the address has moved', async () => {
    const server = await HealthServer.start()
    try {
      server.says(healthy('v1.1', 'gw-2'))
      const [one, two] = (['gw-1', 'gw-2'] as const).map(
        (name) => new FakeTrialHost(name, () => server.connection()),
      )
      const [play] = played(true, false).plays
      if (one === undefined || two === undefined || play === undefined || !isWatched(play)) throw new Error()

      await expect(play.watch.guard(one, [two])).rejects.toMatchObject({ code: 'PEER_UNFIT' })
      expect(story).toEqual([])
      one.holds = true
      expect(await play.watch.guard(one, [two])).toContain('gw-2 can take')
      expect(story).toEqual(['gw-1 begins'])
      one.holds = false
      two.holds = true
      expect(await play.watch.prove(one, [two])).toContain('gw-1 stands by')
      expect(story).toEqual(['gw-1 begins', 'moved to gw-2'])
    } finally {
      await server.close()
    }
  })
})
