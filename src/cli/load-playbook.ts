import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import type { Play, Playbook, Task } from '../engine/playbook.js'
import { GwError } from '../errors.js'
import type { Operation } from '../operations/operation.js'
import { fileFault } from './file-fault.js'

/**
 * Loads a user's own playbook: a TypeScript or JavaScript file whose default export is `playbook(...)`. It is run as
 * code of the user's, on this machine.
 * @throws GwError PLAYBOOK_INVALID when there is no such file, it fails while it loads, or exports something else.
 */
export async function loadPlaybook(path: string): Promise<Playbook> {
  const file = resolve(path)
  if (!existsSync(file)) {
    throw new GwError('PLAYBOOK_INVALID', `there is no playbook ${path}`, {
      nextSteps: ['Check the path; it is relative to the working folder.'],
    })
  }
  const value = await importDefault(file)
  if (isPlaybook(value)) return guarded(value, file)
  throw new GwError('PLAYBOOK_INVALID', `${path} does not export a playbook as its default`, {
    nextSteps: [
      "End the file with: export default playbook({ name: '...', plays: [...] })",
      'Each play has a name, hosts (a text), tasks (a function) and, if it has serial, a whole number from 1 up.',
    ],
  })
}

async function importDefault(file: string): Promise<unknown> {
  // The file may stand anywhere, so `gw` must mean this very installation, whatever is installed beside the file.
  const gw = fileURLToPath(new URL('../index.js', import.meta.url))
  const jiti = createJiti(import.meta.url, { alias: { gw }, moduleCache: false, fsCache: false })
  try {
    return await jiti.import(file, { default: true })
  } catch (cause) {
    throw fileFault(file, 'cannot be loaded', cause)
  }
}

/** The same playbook, whose own functions end in PLAYBOOK_INVALID with the place, not in a fault of gw's. */
function guarded(value: Playbook, file: string): Playbook {
  const guardedPlay = (play: Play): Play => {
    const calling: Calling = (work) => {
      try {
        return work()
      } catch (cause) {
        throw fileFault(file, `fails in the play ${JSON.stringify(play.name)}`, cause)
      }
    }
    const { last } = play
    return {
      ...play,
      tasks: (context) =>
        calling(() => checkedTasks(play, play.tasks(context)).map((task) => guardedTask(task, calling))),
      ...(last === undefined ? {} : { last: (context) => calling(() => last(context)) }),
    }
  }
  return { ...value, plays: value.plays.map(guardedPlay) }
}

type Calling = <T>(work: () => T) => T

function guardedTask({ name, operation }: Task, calling: Calling): Task {
  const { subject, questions } = operation
  const decide: Operation['decide'] = (answers, upcoming) =>
    calling(() => operation.decide(answers, upcoming))
  return { name, operation: { subject, questions, decide } }
}

function checkedTasks(play: Play, tasks: unknown): readonly Task[] {
  if (Array.isArray(tasks) && tasks.every(isTask)) return tasks
  throw new TypeError(`the tasks of ${play.name} are not an array of task(...)`)
}

function isPlaybook(value: unknown): value is Playbook {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    Array.isArray(value['plays']) &&
    value['plays'].every(isPlay)
  )
}

function isPlay(value: unknown): value is Play {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    typeof value['hosts'] === 'string' &&
    typeof value['tasks'] === 'function' &&
    (value['serial'] === undefined || isPositiveInteger(value['serial']))
  )
}

function isPositiveInteger(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value > 0
}

function isTask(value: unknown): value is Task {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    isRecord(value['operation']) &&
    typeof value['operation']['decide'] === 'function' &&
    Array.isArray(value['operation']['questions'])
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
