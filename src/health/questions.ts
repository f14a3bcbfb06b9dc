import { addressHeld } from '../facts/address.js'
import { configurationCheck } from '../facts/configuration-check.js'
import { ask, type Answers, type Question } from '../facts/fact.js'
import { fileState } from '../facts/file.js'
import { listeners } from '../facts/listeners.js'
import { liveTexts } from '../facts/live-texts.js'
import { nginxProcesses } from '../facts/nginx-processes.js'
import { nodeName } from '../facts/node-name.js'
import { unitState } from '../facts/unit.js'
import { vrrpState } from '../facts/vrrp-state.js'
import type { Gateway } from '../model/gateway.js'
import { STATE } from '../model/state-paths.js'
import { fitnessQuestion } from '../release/fitness.js'
import { DRILL } from '../release/fleet-drills.js'
import { LINKS } from '../release/links.js'
import { STORE } from '../release/publication.js'
import { LOCK } from '../release/settling.js'
import { LIVENESS_UNIT } from '../render/liveness/unit.js'
import type { HostObservation } from './observation.js'
import { NEEDED_PORTS } from './standing.js'

type Probed = 'own' | 'handshakes' | 'address' | 'upstreams'

/** What a gateway says of itself. */
export type HostAnswers = Omit<HostObservation, Probed | 'host' | 'clockOffset'>

/** What a gateway is asked, in one program, and how its answers are read. */
export interface HostInquiry {
  readonly questions: readonly Question<unknown>[]
  read(answers: Answers): HostAnswers
}

export function hostInquiry(gateway: Gateway): HostInquiry {
  const questions = questionsAbout(gateway)
  const links = Object.values(LINKS).map((link) => ({ link, question: ask(fileState, { path: link.path }) }))
  return {
    questions: [...links.map(({ question }) => question), ...Object.values(questions)],
    read: (answers) => ({
      units: {
        nginx: answers.to(questions.nginx),
        keepalived: answers.to(questions.keepalived),
        liveness: answers.to(questions.liveness),
      },
      processes: answers.to(questions.processes),
      configuration: answers.to(questions.configuration),
      listeners: answers.to(questions.listeners),
      vrrp: answers.to(questions.vrrp),
      store: answers.to(questions.store),
      links: links.map(({ link, question }) => ({ link, now: answers.to(question) })),
      lock: answers.to(questions.lock).lock,
      drill: answers.to(questions.drill),
      fitness: answers.to(questions.fitness),
      holdsAddress: answers.to(questions.holdsAddress),
      nodeName: answers.to(questions.nodeName),
      texts: answers.to(questions.texts),
    }),
  }
}

function questionsAbout({ virtualIp, logging }: Gateway) {
  return {
    nginx: ask(unitState, { name: 'nginx.service' }),
    keepalived: ask(unitState, { name: 'keepalived.service' }),
    liveness: ask(unitState, { name: LIVENESS_UNIT }),
    processes: ask(nginxProcesses, { pidFile: '/run/nginx.pid', configuration: LINKS.nginx.path }),
    configuration: ask(configurationCheck, {
      current: STATE.current,
      links: Object.values(LINKS).map(({ path }) => path),
      nginxConfiguration: LINKS.nginx.path,
      keepalivedConfiguration: LINKS.keepalived.path,
      errorLog: logging.errorLog,
    }),
    listeners: ask(listeners, { ports: NEEDED_PORTS }),
    vrrp: ask(vrrpState, {}),
    store: STORE,
    lock: LOCK,
    drill: DRILL,
    holdsAddress: ask(addressHeld, { address: virtualIp.address }),
    nodeName: ask(nodeName, {}),
    texts: ask(liveTexts, {
      root: STATE.current,
      folders: ['nginx/gw/pools', 'nginx/gw/tls'],
      suffixes: ['.conf', '.crt'],
    }),
    // The last one: its clock is compared with ours when the answers are here.
    fitness: fitnessQuestion(virtualIp),
  }
}
