import type { DrillListener } from '../drill/drill-settings.js'
import type { DrillEvent, DrillReport } from '../drill/report.js'
import type { ScenarioName } from '../drill/scenarios/names.js'
import type { ExitCode, GwError } from '../errors.js'
import { cleanLine } from '../shell/clean.js'
import { lockText } from '../ui/lock-text.js'
import type { EngineEvent } from '../engine/events.js'
import type { CommandContext } from './base-command.js'
import { journalFolder, openJournal, type Journal } from './journal.js'
import type { DrillOptions } from '../drill/drill-settings.js'

/** What a person, and the journal, sees of a drill while it goes on. */
export class DrillView implements DrillListener {
  readonly #context: CommandContext
  readonly #begin = performance.now()
  #journal: Journal | null = null
  #scenario: ScenarioName | null = null

  constructor(context: CommandContext) {
    this.#context = context
  }

  /** From here on the drill is written down. */
  begin({ run, by, command, hosts }: DrillOptions, environment: string): void {
    const start = { run, by, environment, command, gw: this.#context.version }
    this.#journal = openJournal(start, journalFolder(process.env))
    const names = hosts.map(({ name }) => name)
    this.#journal.handle({ type: 'run.started', run, playbook: 'failover-drill', hosts: names, check: false })
  }

  readonly scenario = (name: ScenarioName): void => {
    this.#scenario = name
    this.#context.report(`\n${this.#context.terminal.paintErr('bold', name)}`)
  }

  readonly event = ({ at, host, text }: DrillEvent): void => {
    const time = new Date(at).toISOString().slice(11, 23)
    this.#context.report(`${time}  ${(host ?? 'gw').padEnd(12)} ${cleanLine(text)}`)
    if (host === null || this.#scenario === null) return
    const step = this.#scenario
    this.#journal?.handle({ type: 'step.ended', host, step, outcome: 'changed', summary: text, ms: 0 })
  }

  readonly emit = (event: EngineEvent): void => {
    if (event.type !== 'lock.waiting' && event.type !== 'lock.taken-over') return
    this.#context.report(`${event.host.padEnd(12)} ${lockText(event)}`)
    this.#journal?.handle(event)
  }

  /** Writes down how the drill ended. Answers why the journal is not whole; null when it is. */
  end(report: DrillReport, exitCode: ExitCode, error: GwError | null): string | null {
    const changed = report.scenarios.filter(({ disturbedAt }) => disturbedAt !== null).length
    const ms = performance.now() - this.#begin
    this.#journal?.end({ exitCode, ms, changed, release: null, error: error?.code ?? null })
    return this.#journal?.warning ?? null
  }
}
