import type { Outcome } from '../model/outcome.js'
import { GwError } from '../errors.js'
import { cleanText } from '../shell/clean.js'
import { frame, framesWithText } from '../shell/frames.js'
import { sh } from '../shell/script.js'
import type { Decision } from '../operations/operation.js'
import { type Guard, guardPrelude, noteOf } from './guard.js'
import { readFenced } from './lock/scripts.js'
import type { PlannedTask } from './plan.js'
import type { HostSession } from './session.js'

type Change = Extract<Decision, { kind: 'change' }>

/** How a task ended on a host. `output` is the last 8 KiB that a failed task printed, cleaned for a terminal. */
export interface TaskEnd {
  readonly index: number
  readonly outcome: Extract<Outcome, 'changed' | 'failed'>
  readonly status: number
  readonly output: string
}

export interface ApplyListener {
  onStart(index: number): void
  onEnd(end: TaskEnd): void
}

const OUTPUT_KEPT = 8192
const LIMITS = { deadlineMs: 20 * 60_000, maxOutputBytes: 4 * 1024 * 1024 }

export interface ApplySettings {
  /** A file on the host whose presence stops the program before its next task. */
  readonly stopPath: string
  readonly guard: Guard | null
  readonly signal: AbortSignal
}

/**
 * Makes the changes of `tasks` (those that decided on one) in one program; the listener hears of each as it starts
 * and ends.
 * @throws GwError LOCK_LOST when another run may change the host now; then nothing was changed
 */
export async function apply(
  session: HostSession,
  tasks: readonly PlannedTask[],
  { stopPath, guard, signal }: ApplySettings,
  listener: ApplyListener,
): Promise<void> {
  const changes = tasks.flatMap(({ decision }, index) =>
    decision.kind === 'change' ? [{ index, decision }] : [],
  )
  let fenced: GwError | undefined
  const frames = framesWithText((words, text) => {
    const [kind, index, status] = words
    if (kind === 'fenced') fenced = readFenced(session.host.name, words)
    else if (kind === 'begin') listener.onStart(Number(index))
    else if (kind === 'end') {
      const secrets = secretsOf(tasks[Number(index)])
      const printed = session.redact(secrets.length === 0 ? text : withoutCutLine(text), secrets)
      listener.onEnd(readEnd(session.host.name, Number(index), Number(status), printed))
    }
  })
  const program = {
    text: compileChanges(changes, tasks, { stopPath, guard }),
    data: changes.flatMap(({ decision }) => decision.input ?? []),
  }
  await session.run(program, frames, { ...LIMITS, signal })
  if (fenced !== undefined) throw fenced
}

function readEnd(host: string, index: number, status: number, output: string): TaskEnd {
  if (!Number.isInteger(index) || !Number.isInteger(status)) {
    throw new GwError('REPLY_GARBLED', 'the host reported a task that makes no sense', {
      host,
      nextSteps: ['Run the same command again: it finds out what is done and does the rest.'],
    })
  }
  return { index, status, outcome: status === 0 ? 'changed' : 'failed', output: cleanText(output).trim() }
}

/** Where the output was cut, a piece of a secret's line may stand, in which the secret is not recognised. */
function withoutCutLine(text: string): string {
  if (Buffer.byteLength(text) < OUTPUT_KEPT - '\n255'.length) return text
  const end = text.indexOf('\n')
  return end === -1 ? '' : text.slice(end + 1)
}

/** What a task was given that must not be shown, even when a command on the host repeats it. */
function secretsOf(task: PlannedTask | undefined): string[] {
  if (task?.decision.kind !== 'change') return []
  return (task.decision.secrets ?? []).map((secret) => secret.reveal())
}

/** Pure: the program of all changes. Each runs in a subshell of its own; the first that fails ends the program. */
function compileChanges(
  changes: readonly { index: number; decision: Change }[],
  tasks: readonly PlannedTask[],
  { stopPath, guard }: Pick<ApplySettings, 'stopPath' | 'guard'>,
): string {
  const note = (index: number) => sh`${noteOf(guard, tasks[index]?.task.name ?? '')}`.text
  return [
    guardPrelude(guard),
    prelude(stopPath),
    ...changes.map(({ index, decision }) =>
      [
        `gw_begin ${index}`,
        compileChange(decision, guard),
        `gw_end ${index} "$gw_output" ${note(index)}`,
      ].join('\n'),
    ),
  ].join('\n')
}

/** Signals end it, as they would anyway, but past the EXIT trap: without gw at the other end the next frame is a SIGPIPE. */
function prelude(stopPath: string): string {
  return `export DEBIAN_FRONTEND=noninteractive
gw_nl='
'
gw_stop=${sh`${stopPath}`.text}
trap 'rm -f -- "$gw_stop"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM
gw_begin() {
  if [ -e "$gw_stop" ]; then ${frame('done')}; exit 0; fi
  gw_uptime
  gw_since=$gw_now
  ${frame('begin "$1"')}
}
gw_end() {
  gw_status=\${2##*"$gw_nl"}
  gw_note "$3" "$gw_status"
  printf '%s' "\${2%"$gw_nl"*}"
  ${frame('end "$1" "$gw_status"')}
  [ "$gw_status" = 0 ] || { ${frame('done')}; exit 0; }
}`
}

/*
 * The status travels behind the output, which is cut from the front: no temporary file is needed on a full disk.
 * A change with input reads it from a pipe of exactly that length, and so can neither miss nor overrun it.
 */
function compileChange({ script, input }: Change, guard: Guard | null): string {
  const waiting = guard === null ? '' : `timeout --foreground ${guard.patienceSeconds} `
  const source = input === undefined ? '' : `${waiting}head -c ${input.length} <&3 | `
  return `gw_change() ( set -eu
${script.text}
)
gw_output=$({ ${source}gw_change 2>&1; printf '\\n%s' "$?"; } | tail -c ${OUTPUT_KEPT})`
}
