import type { EngineEvent } from '../engine/events.js'
import type { FleetPlan } from '../engine/plan.js'
import { countChanged, type RunReport } from '../engine/report.js'
import { EXIT, GwError } from '../errors.js'
import { planText } from '../ui/plan-text.js'
import { progressFor } from '../ui/progress-for.js'
import { confirm, confirmByName } from '../ui/questions.js'
import type { CommandContext } from './base-command.js'
import type { Fleet } from './fleet.js'
import { journalFolder, openJournal } from './journal.js'
import type { PlaybookRequest, RunIdentity, TypedQuestion } from './playbook-request.js'
import { reportResult } from './report-result.js'
import { decisiveError, type CommandResult } from './result.js'

/** What a person, and the journal, sees of a run. */
export interface View {
  readonly emit: (event: EngineEvent) => void
  readonly approve: (plan: FleetPlan) => Promise<boolean>
  resultOf(report: RunReport): CommandResult
  /** The run ended without a report. */
  failed(error: unknown): void
  settle(): Promise<void>
}

/** What was asked for, and what must be typed before it is done; null where the environment says what is asked. */
type Viewed = Pick<PlaybookRequest, 'check' | 'yes'> & { readonly question: TypedQuestion | null }

/** What is written down of an error that gw does not know. */
const FAULT = { exitCode: EXIT.internal, code: 'INTERNAL' } as const

/** Opens the view of a run: progress, plan and question on the terminal, everything in the journal. */
export async function openView(
  request: Viewed,
  fleet: Fleet,
  { run, by }: RunIdentity,
  context: CommandContext,
): Promise<View> {
  const progress = await progressFor(context.terminal, { json: context.json })
  const { environment } = fleet.inventory
  const start = { run, by, environment, command: context.typed, gw: context.version }
  const journal = request.check ? null : openJournal(start, journalFolder(process.env))
  const begin = performance.now()
  let planned: FleetPlan = { hosts: [] }
  return {
    emit: (event) => {
      if (event.type === 'plan.ready') planned = event.plan
      journal?.handle(event)
      progress.handle(event)
    },
    approve: async (plan) => {
      await progress.settle()
      context.report(planText(plan, context.terminal.paintErr))
      if (request.yes) return true
      const { question } = request
      if (question === null) return approved(fleet, context)
      return confirmByName(context.terminal, question.text, question.word, context.interrupts.stop)
    },
    resultOf: (report) => {
      const result = reportResult(fleet, report, planned, context)
      const { exitCode } = result
      const [changed, error] = [countChanged(report), decisiveError(result)?.code ?? null]
      journal?.end({ exitCode, ms: report.ms, changed, release: report.release, error })
      const warning = journal?.warning ?? null
      return { ...result, warnings: warning === null ? [] : [warning] }
    },
    failed: (error) => {
      const { exitCode, code } = error instanceof GwError ? error : FAULT
      journal?.end({ exitCode, ms: performance.now() - begin, changed: 0, release: null, error: code })
    },
    settle: () => progress.settle(),
  }
}

/** The question before a change, as strict as the environment asks for. */
function approved({ inventory }: Fleet, context: CommandContext): Promise<boolean> {
  const { confirm: kind, environment } = inventory
  const { terminal, interrupts } = context
  const question = `Apply these changes to ${environment}?`
  switch (kind) {
    case 'none':
      return Promise.resolve(true)
    case 'yes':
      return confirm(terminal, question, interrupts.stop)
    case 'name':
      return confirmByName(terminal, question, environment, interrupts.stop)
  }
}
