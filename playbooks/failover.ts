import { task, type SurveyedPlaybook } from '../src/engine/playbook.js'
import type { WatchedPlay } from '../src/engine/trial.js'
import { giveAway } from '../src/failover/give-away.js'
import { guardHandover } from '../src/failover/guard-handover.js'
import { planHandover, type Handover } from '../src/failover/plan-handover.js'
import { proveStandby, proveTakeover } from '../src/failover/prove-takeover.js'
import type { FailoverSettings } from '../src/failover/settings.js'
import { seenIn, sightQuestions } from '../src/release/peer-sight.js'

/** Moves the virtual IP from the gateway that has it to another one, and has the first stand by. */
export function failover(settings: FailoverSettings): SurveyedPlaybook {
  const { gateway } = settings
  const { address } = gateway.virtualIp
  const asked = new Set<string>()
  return {
    name: 'failover',
    hosts: gateway.group,
    questions: ({ host: { name: from } }) => {
      asked.add(from)
      return [...Object.values(sightQuestions(gateway)), ...giveAway({ from, to: null, address }).questions]
    },
    procedure: (survey) => {
      // The run ends by the error of the one that did not answer.
      if (survey.size < asked.size) return { plays: [], release: null, before: {} }
      const seen = [...survey].map(([name, answers]) => seenIn(name, answers, gateway))
      return { plays: [handOver(settings, planHandover(seen, settings))], release: null, before: {} }
    },
  }
}

function handOver(settings: FailoverSettings, { from, to }: Handover): WatchedPlay {
  const { gateway, listener } = settings
  const { address } = gateway.virtualIp
  return {
    name: 'Hand over',
    hosts: gateway.group,
    watch: {
      guard: async (host, peers) => {
        await guardHandover(host, peers, settings)
        await listener.begins(host.host.name)
        // The listener may have taken its time.
        return guardHandover(host, peers, settings)
      },
      prove: async (host, peers) => {
        const taker = await proveTakeover(host, peers, gateway)
        listener.moved(taker)
        await proveStandby(host, gateway)
        return `${taker} answers at ${address}, and ${from} stands by`
      },
    },
    tasks: ({ host }) =>
      host.name === from ? [task(`Give ${address} away`, giveAway({ from, to, address }))] : [],
  }
}
