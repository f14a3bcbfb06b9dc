import { aptState } from '../facts/apt-state.js'
import { diskRoom } from '../facts/disk-room.js'
import { ask, type Answers } from '../facts/fact.js'
import { hostSystem } from '../facts/host-system.js'
import { listeners } from '../facts/listeners.js'
import { networkInterfaces } from '../facts/network-interfaces.js'
import { NEEDED_PORTS } from '../health/standing.js'
import { FOLDERS } from './checks/disk.js'
import { PACKAGES } from './checks/packages.js'
import { PROGRAMS } from './checks/system.js'
import type { HostAnswers } from './examination.js'

const ASKED = {
  system: ask(hostSystem, { programs: PROGRAMS }),
  apt: ask(aptState, { packages: PACKAGES }),
  interfaces: ask(networkInterfaces, {}),
  listeners: ask(listeners, { ports: NEEDED_PORTS }),
}
const ROOMS = FOLDERS.map((folder) => [folder, ask(diskRoom, { folder })] as const)

/** All that a host is asked in its first program. */
export const QUESTIONS = [...Object.values(ASKED), ...ROOMS.map(([, question]) => question)]

/** What a host tells of itself. */
export type Told = Pick<HostAnswers, keyof typeof ASKED | 'rooms'>

export function readAnswers(answers: Answers): Told {
  return {
    system: answers.to(ASKED.system),
    apt: answers.to(ASKED.apt),
    interfaces: answers.to(ASKED.interfaces),
    listeners: answers.to(ASKED.listeners),
    rooms: Object.fromEntries(
      ROOMS.flatMap(([folder, question]) => {
        const room = answers.to(question)
        return room === null ? [] : [[folder, room]]
      }),
    ),
  }
}
