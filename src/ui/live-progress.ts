import { Listr, ListrLogger, ProcessOutput, type ListrDefaultRendererLogLevels } from 'listr2'
import ora, { type Ora } from 'ora'
import type { EngineEvent } from '../engine/events.js'
import { lockText } from './lock-text.js'
import type { Progress } from './progress.js'
import type { Terminal } from './terminal.js'
import { seconds } from './text.js'

/** One host's line in the list of a play; it ends with the host. */
interface Line {
  title(text: string): void
  end(failure?: string): void
}

/** A spinner while facts are gathered, then a list of hosts for each play, redrawn as tasks begin and end. */
export function liveProgress(terminal: Terminal): Progress {
  const gathering = gatheringView(terminal)
  const plays = playView(terminal)
  return {
    handle: (event) => {
      gathering.handle(event)
      plays.handle(event)
    },
    settle: async () => {
      gathering.stop()
      await plays.settle()
    },
  }
}

function gatheringView(terminal: Terminal): { handle(event: EngineEvent): void; stop(): void } {
  let spinner: Ora | undefined
  const waiting = new Set<string>()
  const redraw = (host: string): void => {
    waiting.delete(host)
    if (spinner !== undefined) spinner.text = `Gathering facts: ${[...waiting].join(', ')}`
  }
  const stop = (): void => {
    spinner?.stop()
    spinner = undefined
  }
  const handle = (event: EngineEvent): void => {
    if (event.type === 'run.started') {
      event.hosts.forEach((host) => waiting.add(host))
      // Signals are the command's own business, so the spinner must leave standard input alone.
      spinner = ora({
        text: `Gathering facts: ${event.hosts.join(', ')}`,
        stream: terminal.err,
        discardStdin: false,
      }).start()
    } else if (event.type === 'host.gathered' || event.type === 'host.failed') redraw(event.host)
    else if (event.type === 'plan.ready') stop()
  }
  return { handle, stop }
}

function playView(terminal: Terminal): { handle(event: EngineEvent): void; settle(): Promise<void> } {
  let lines = new Map<string, Line>()
  let trial = false
  let drawn: Promise<unknown> = Promise.resolve()
  const handle = (event: EngineEvent): void => {
    switch (event.type) {
      case 'play.started': {
        if (event.changes === 0) break
        trial = event.trial
        const list = hostList(terminal, event.play, event.batches.flat())
        lines = list.lines
        drawn = drawn.then(() => list.run())
        break
      }
      case 'task.started':
        lines.get(event.host)?.title(`${event.host}  [${event.index}/${event.of}] ${event.task}`)
        break
      case 'step.started':
        lines.get(event.host)?.title(`${event.host}  ${event.step}`)
        break
      case 'host.failed':
        lines.get(event.host)?.end(`${event.host}  ${event.error.code}`)
        break
      case 'host.ended':
        lines.get(event.host)?.title(`${event.host}  ${event.changed} changed (${seconds(event.ms)})`)
        if (!trial) lines.get(event.host)?.end()
        break
      case 'play.ended':
        for (const line of lines.values()) line.end()
        break
      case 'run.stopping':
        for (const [host, line] of lines)
          line.title(`${host}  stopping after this task; Ctrl-C again abandons it`)
        break
      case 'lock.waiting':
      case 'lock.taken-over':
        terminal.err.write(`${event.host}  ${lockText(event)}\n`)
        break
      case 'run.started':
      case 'host.gathered':
      case 'plan.ready':
      case 'task.ended':
      case 'step.ended':
        break
    }
  }
  return {
    handle,
    settle: async () => {
      // After a fault there may be hosts whose end nobody told; a list that waits for them would never let go.
      for (const line of lines.values()) line.end()
      await drawn
    },
  }
}

function hostList(
  terminal: Terminal,
  play: string,
  hosts: readonly string[],
): { lines: Map<string, Line>; run(): Promise<unknown> } {
  const lines = new Map<string, Line>()
  const list = new Listr(
    hosts.map((host) => {
      let end: Line['end'] = () => undefined
      const ended = new Promise<void>((resolve, reject) => {
        end = (failure) => {
          if (failure === undefined) resolve()
          else reject(new Error(failure))
        }
      })
      // The list hears of a failure when it gets there; until then it is not an unhandled one.
      ended.catch(() => undefined)
      let title = host
      let task: { title: string } | undefined
      lines.set(host, {
        title: (text) => {
          title = text
          if (task !== undefined) task.title = text
        },
        end: (failure) => {
          end(failure)
        },
      })
      return {
        title: host,
        task: (_context, own) => {
          task = own as { title: string }
          task.title = title
          return ended
        },
      }
    }),
    {
      concurrent: true,
      exitOnError: false,
      // gw handles signals itself: listr2's own listener would end the process in the middle of a change.
      registerSignalListeners: false,
      rendererOptions: {
        logger: new ListrLogger<ListrDefaultRendererLogLevels>({
          processOutput: new ProcessOutput(terminal.err, terminal.err),
        }),
      },
    },
  )
  return {
    lines,
    run: () => {
      terminal.err.write(`${terminal.paintErr('bold', play)}\n`)
      return list.run()
    },
  }
}
