import { setTimeout as pause } from 'node:timers/promises'
import { EXIT, type ExitCode } from '../errors.js'
import { lastingText } from '../ui/health-findings.js'
import { healthText } from '../ui/health-text.js'
import type { HealthView } from '../ui/health-view.js'
import { liveScreen, type LiveScreen } from '../ui/live-screen.js'
import type { CommandContext } from './base-command.js'
import { HealthRounds, type HealthSelection } from './health-rounds.js'
import type { CommandResult } from './result.js'

interface WatchRequest extends HealthSelection {
  /** How long to pause between two looks. */
  readonly intervalMs: number
}

/** For how long a change is marked: who looks away for a moment still sees it. */
const MARKED_MS = 10_000

/** A look that takes longer than this shows what is known so far. */
const PATIENCE_MS = 1000

/** Shows the health of an environment again and again until Ctrl-C; the exit code is that of the last look. */
export async function runHealthWatch(request: WatchRequest, context: CommandContext): Promise<CommandResult> {
  const { stop } = context.interrupts
  const rounds = await HealthRounds.open(request, context)
  const { environment } = rounds.gateways.fleet.inventory
  const screen = context.terminal.interactive ? await liveWatch(context) : plainWatch(context)
  let exitCode: ExitCode = EXIT.interrupted
  try {
    while (!stop.aborted) {
      exitCode = await screen.show(rounds)
      await pause(request.intervalMs, undefined, { signal: stop })
    }
  } catch (error) {
    if (!stop.aborted) throw error
  } finally {
    screen.end()
    await rounds.close()
  }
  return { exitCode, environment, text: '' }
}

/** Where the looks are shown. */
interface Watch {
  /** Looks once, and answers the exit code of it. @throws GwError INTERRUPTED */
  show(rounds: HealthRounds): Promise<ExitCode>
  end(): void
}

/** One place on the terminal, drawn over again. */
async function liveWatch({ terminal }: CommandContext): Promise<Watch> {
  const screen: LiveScreen = await liveScreen(terminal)
  const marks = new Marks()
  const draw = (view: HealthView): void => {
    const now = { ...view, changed: marks.with(view.changed), at: new Date() }
    screen.draw(healthText(now, terminal.paintErr, terminal.err.columns))
  }
  // The first look shows what comes as it comes; later ones would only flicker.
  let isLate = true
  return {
    show: async (rounds) => {
      let soFar: HealthView | null = null
      const late = setTimeout(() => {
        isLate = true
        if (soFar !== null) draw(soFar)
      }, PATIENCE_MS)
      try {
        const round = await rounds.look((view) => {
          soFar = view
          if (isLate) draw(view)
        })
        draw(round.view)
        return round.exitCode
      } finally {
        clearTimeout(late)
        isLate = false
      }
    },
    end: () => {
      screen.leave()
    },
  }
}

/** For a log: the first look whole, and then each one in which something changed. */
function plainWatch({ terminal }: CommandContext): Watch {
  let last: string | null = null
  return {
    show: async (rounds) => {
      const { view, exitCode } = await rounds.look(null)
      const found = lastingText(view)
      if (view.changed.size > 0 || found !== last)
        terminal.out.write(`${healthText({ ...view, at: new Date() }, terminal.paintOut)}\n\n`)
      last = found
      return exitCode
    },
    end: () => undefined,
  }
}

/** The cells that changed a short while ago. */
class Marks {
  readonly #since = new Map<string, number>()

  with(changed: ReadonlySet<string>): ReadonlySet<string> {
    const now = performance.now()
    for (const key of changed) this.#since.set(key, now)
    for (const [key, since] of this.#since) if (now - since > MARKED_MS) this.#since.delete(key)
    return new Set(this.#since.keys())
  }
}
