import { setTimeout as pause } from 'node:timers/promises'
import { EXIT } from '../errors.js'
import { lastingText } from '../ui/health-findings.js'
import { healthText } from '../ui/health-text.js'
import type { HealthView } from '../ui/health-view.js'
import { liveScreen, type LiveScreen } from '../ui/live-screen.js'
import type { CommandContext } from './base-command.js'
import { HealthRounds, type HealthRound, type HealthSelection } from './health-rounds.js'
import type { CommandResult } from './result.js'

interface WatchRequest extends HealthSelection {
  /** How long to pause between two looks. */
  readonly intervalMs: number
}

/** For how long a change is marked: who looks away for a moment still sees it. */
const MARKED_MS = 10_000

/** A look that takes longer than this shows what is known so far. */
const PATIENCE_MS = 1000

/** Shows the health of an environment again and again until Ctrl-C; what stays is the last look, and its exit code. */
export async function runHealthWatch(request: WatchRequest, context: CommandContext): Promise<CommandResult> {
  const { stop } = context.interrupts
  const rounds = await HealthRounds.open(request, context)
  const { environment } = rounds.gateways.fleet.inventory
  const screen = context.terminal.interactive ? await liveWatch(context) : plainWatch(context)
  let last: HealthRound | null = null
  try {
    while (!stop.aborted) {
      last = await rounds.look(screen.soFar)
      screen.show(last.view)
      await pause(request.intervalMs, undefined, { signal: stop })
    }
  } catch (error) {
    if (!stop.aborted) throw error
  } finally {
    screen.end()
    await rounds.close()
  }
  const text = last === null ? '' : screen.lasting(last.view)
  return { exitCode: last?.exitCode ?? EXIT.interrupted, environment, text }
}

/** Where the looks are shown. */
interface Watch {
  /** Takes what is known so far of a look; null where only whole looks are shown. */
  readonly soFar: ((view: HealthView) => void) | null
  /** Shows a look that is over. */
  show(view: HealthView): void
  end(): void
  /** What is printed at the end. */
  lasting(view: HealthView): string
}

/** One place on the terminal, drawn over again. */
async function liveWatch({ terminal }: CommandContext): Promise<Watch> {
  const screen: LiveScreen = await liveScreen(terminal)
  const marks = new Marks()
  const draw = (view: HealthView): void => {
    const now = { ...view, changed: marks.with(view.changed), at: new Date() }
    screen.draw(healthText(now, terminal.paintErr, terminal.err.columns))
  }
  const partly = new LateDrawing(draw)
  return {
    soFar: (view) => {
      partly.take(view)
    },
    show: (view) => {
      partly.done()
      draw(view)
    },
    end: () => {
      partly.done()
      screen.clear()
    },
    // Whole, where the screen may have had no room for all of it.
    lasting: (view) => healthText({ ...view, at: new Date() }, terminal.paintOut),
  }
}

/** For a log: the first look whole, and then each one in which something changed. */
function plainWatch({ terminal }: CommandContext): Watch {
  let last: string | null = null
  return {
    soFar: null,
    show: (view) => {
      const found = lastingText(view)
      if (view.changed.size > 0 || found !== last)
        terminal.out.write(`${healthText({ ...view, at: new Date() }, terminal.paintOut)}\n\n`)
      last = found
    },
    end: () => undefined,
    lasting: () => '',
  }
}

/** Draws what is known so far of the first look as it comes, and of later ones when they take long: else it would flicker. */
class LateDrawing {
  readonly #draw: (view: HealthView) => void
  #latest: HealthView | null = null
  #timer: NodeJS.Timeout | null = null
  #isLate = true

  constructor(draw: (view: HealthView) => void) {
    this.#draw = draw
  }

  take(view: HealthView): void {
    this.#latest = view
    if (this.#isLate) this.#draw(view)
    else
      this.#timer ??= setTimeout(() => {
        this.#isLate = true
        if (this.#latest !== null) this.#draw(this.#latest)
      }, PATIENCE_MS)
  }

  /** The look is over. */
  done(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#isLate = false
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
