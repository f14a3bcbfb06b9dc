import { KINDS, type Kind, type Rates } from './sample.js'

interface Course {
  readonly kind: Kind
  readonly intervalMs: number
  readonly shiftMs: number
  /** How many have been due. */
  count: number
}

/** When requests are due, in milliseconds since the load began; those of different kinds not together. */
export class Schedule {
  readonly #courses: readonly Course[]

  constructor(rates: Rates) {
    const kinds = KINDS.filter((kind) => rates[kind] !== undefined)
    const shortest = Math.min(...kinds.map((kind) => intervalOf(rates, kind)))
    this.#courses = kinds.map((kind, index) => ({
      kind,
      intervalMs: intervalOf(rates, kind),
      shiftMs: (shortest * index) / kinds.length,
      count: 0,
    }))
  }

  /** When the next one is due. */
  get next(): number {
    return Math.min(...this.#courses.map(dueOf))
  }

  /** Those that have become due up to now, each once, in their order. */
  until(now: number): { readonly kind: Kind; readonly due: number }[] {
    const requests: { readonly kind: Kind; readonly due: number }[] = []
    for (const course of this.#courses)
      for (; dueOf(course) <= now; course.count += 1) requests.push({ kind: course.kind, due: dueOf(course) })
    return requests.sort((one, other) => one.due - other.due)
  }
}

function intervalOf(rates: Rates, kind: Kind): number {
  return 1000 / (rates[kind] ?? 0)
}

function dueOf({ shiftMs, count, intervalMs }: Course): number {
  return shiftMs + count * intervalMs
}
