import type { EngineEvent } from '../engine/events.js'
import { cleanLine } from '../shell/clean.js'
import { lockText } from './lock-text.js'
import type { Progress } from './progress.js'
import type { Terminal } from './terminal.js'
import { outcomeText, seconds } from './text.js'

/** One line for each thing that begins or ends; for pipes, logs and CI. */
export function plainProgress({ err, paintErr }: Terminal): Progress {
  const say = (host: string, line: string): void => {
    err.write(`${host.padEnd(12)} ${line}\n`)
  }
  const handle = (event: EngineEvent): void => {
    switch (event.type) {
      case 'host.gathered':
        say(event.host, `facts gathered (${seconds(event.ms)})`)
        break
      case 'task.started':
        say(event.host, `[${event.index}/${event.of}] ${event.task} ...`)
        break
      case 'task.ended':
        say(
          event.host,
          `${outcomeText(event.outcome, paintErr)} ${event.task}: ${cleanLine(event.summary)} (${seconds(event.ms)})`,
        )
        break
      case 'step.started':
        say(event.host, `${event.step} ...`)
        break
      case 'step.ended':
        say(
          event.host,
          `${outcomeText(event.outcome, paintErr)} ${event.step}: ${cleanLine(event.summary)} (${seconds(event.ms)})`,
        )
        break
      case 'host.failed':
        say(event.host, paintErr('red', `${event.error.code}: ${cleanLine(event.error.message)}`))
        break
      case 'run.stopping':
        err.write('Stopping after the tasks that are running. Press Ctrl-C again to abandon them.\n')
        break
      case 'lock.waiting':
      case 'lock.taken-over':
        say(event.host, lockText(event))
        break
      case 'run.started':
      case 'host.ended':
      case 'plan.ready':
      case 'play.ended':
      case 'play.started':
        break
    }
  }
  return { handle, settle: () => Promise.resolve() }
}
