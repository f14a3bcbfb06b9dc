import { GwError } from '../errors.js'
import { codeFrame } from './code-frame.js'
import { printable } from './forbidden-character.js'
import type { Span } from './source-text.js'

const SHOWN = 20

/** Something wrong in an inventory, and where. The message names the key path and what was expected. */
interface Problem {
  readonly span: Span
  readonly message: Message
}

/** What is wrong; a function is called only if it is shown, since looking for what was meant takes time. */
export type Message = string | (() => string)

/** Collects problems, so that one run shows all of them. */
export class Problems {
  readonly #list: Problem[] = []

  add(span: Span, message: Message): void {
    this.#list.push({ span, message })
  }

  /** @throws GwError INVENTORY_INVALID about every problem so far; does nothing when there is none. */
  throwIfAny(): void {
    if (this.#list.length > 0) throw invalidInventory(this.#list)
  }
}

/** The error for a list of problems: the first gives message and place, the frame shows them all. */
function invalidInventory(problems: readonly Problem[]): GwError {
  const [first, ...others] = onePerPlace([...problems].sort(byPlace))
  if (first === undefined) return new GwError('INTERNAL', 'an inventory was refused without a problem')
  const at = first.span.source.place(first.span.start)
  const count = others.length === 0 ? '' : ` (and ${others.length} more)`
  const more = others.length >= SHOWN ? [`... and ${others.length - SHOWN + 1} more problems`] : []
  return new GwError('INVENTORY_INVALID', textOf(first) + count, {
    at,
    frame: [codeFrame(first.span), ...others.slice(0, SHOWN - 1).map(describe), ...more].join('\n\n'),
    nextSteps: [`Correct ${at.file}, then type: gw inventory validate ${at.file}`],
  })
}

/** One mistake can break several rules, and one range many hosts; what was found first says it best. */
function onePerPlace(problems: readonly Problem[]): Problem[] {
  const places = new Set<string>()
  return problems.filter(({ span }) => {
    const place = JSON.stringify([span.source.file, span.start, span.end])
    if (places.has(place)) return false
    places.add(place)
    return true
  })
}

function describe(problem: Problem): string {
  const at = problem.span.source.place(problem.span.start)
  return `${at.file}:${at.line}:${at.column}: ${textOf(problem)}\n${codeFrame(problem.span)}`
}

function textOf({ message }: Problem): string {
  return printable(typeof message === 'string' ? message : message())
}

function byPlace(a: Problem, b: Problem): number {
  const files = a.span.source.label.localeCompare(b.span.source.label, 'en')
  return files === 0 ? a.span.start - b.span.start : files
}
