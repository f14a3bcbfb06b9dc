import { setTimeout as pause } from 'node:timers/promises'
import { GwError } from '../errors.js'
import { healthText } from '../ui/health-text.js'
import type { HealthView } from '../ui/health-view.js'
import { liveScreen } from '../ui/live-screen.js'
import type { CommandContext } from './base-command.js'
import { askedResult } from './gateways.js'
import type { HealthFormat } from './health-flags.js'
import { nagiosAnswer } from './health-formats/nagios.js'
import { prometheusText } from './health-formats/prometheus.js'
import { healthJson } from './health-json.js'
import { HealthRounds, type HealthRound, type HealthSelection } from './health-rounds.js'
import type { CommandResult } from './result.js'

export interface HealthRequest extends HealthSelection {
  readonly format: HealthFormat
  /** For how long to look again until all is healthy; 0 for one look. */
  readonly waitMs: number
  /** How long to pause between two looks. */
  readonly intervalMs: number
}

/** Judges the gateways of an environment, and shows what was found. */
export async function runHealthCommand(
  request: HealthRequest,
  context: CommandContext,
): Promise<CommandResult> {
  const begin = performance.now()
  const rounds = await HealthRounds.open(request, context)
  try {
    const round = await lastRound(rounds, request, context)
    const shown = formatted(round, request.format, performance.now() - begin, context)
    return { ...askedResult(rounds.gateways, round.errors, context), ...shown, ...healthJson(round.view) }
  } catch (error) {
    if (!context.json || !(error instanceof GwError) || error.code !== 'INTERRUPTED') throw error
    // A program gets what was known by then.
    const known = healthJson(rounds.known())
    return { ...askedResult(rounds.gateways, [error], context), text: '', ...known }
  } finally {
    await rounds.close()
  }
}

/** The first round in which all is healthy, or the last one in the time that there is. */
async function lastRound(
  rounds: HealthRounds,
  { waitMs, intervalMs }: HealthRequest,
  { terminal, interrupts: { stop } }: CommandContext,
): Promise<HealthRound> {
  const screen = await liveScreen(terminal)
  const draw = (view: HealthView): void => {
    screen.draw(healthText(view, terminal.paintErr, terminal.err.columns))
  }
  const end = performance.now() + waitMs
  try {
    for (;;) {
      const round = await rounds.look(terminal.interactive ? draw : null)
      if (round.report.verdict === 'pass' || performance.now() + intervalMs > end) return round
      await pause(intervalMs, undefined, { signal: stop }).catch(() => undefined)
    }
  } finally {
    screen.clear()
  }
}

/** What goes to stdout; it has in it what could not be asked, so only `--json` tells of that apart. */
function formatted(
  { view, exitCode, errors }: HealthRound,
  format: HealthFormat,
  ms: number,
  { terminal, json }: CommandContext,
): Pick<CommandResult, 'text' | 'exitCode' | 'errors'> {
  const at = { now: new Date(), ms }
  switch (format) {
    case 'table':
      return { text: healthText(view, terminal.paintOut), exitCode, errors: json ? errors : [] }
    case 'prometheus':
      return { text: prometheusText(view, at).trimEnd(), exitCode, errors: [] }
    case 'nagios': {
      const { line, exitCode: pluginExit } = nagiosAnswer(view, at)
      return { text: line, exitCode: pluginExit, errors: [] }
    }
  }
}
