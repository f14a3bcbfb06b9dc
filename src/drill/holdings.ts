import type { Holding, ScenarioReport } from './report.js'
import type { Span } from './sample.js'
import { merged } from './spans.js'

/** What is needed of an event of a host; those of other kinds than `address` say nothing here. */
interface HolderEvent {
  readonly host: string
  readonly at: number
  readonly kind: string
  readonly holds?: boolean
}

/**
 * Pure: who had the virtual IP when. `initial` had it when looking began, which is time 0, since nothing was seen before;
 * `events` are in their order. A host that is told twice to have it has it once. In the order in which they began.
 */
export function holdingsOf(initial: readonly string[], events: readonly HolderEvent[]): Holding[] {
  const open = new Map(initial.map((host) => [host, 0]))
  const ended: Holding[] = []
  for (const { host, at, kind, holds } of events) {
    const from = open.get(host)
    if (kind !== 'address') continue
    if (holds === true && from === undefined) open.set(host, at)
    if (holds !== true && from !== undefined) {
      ended.push({ host, from, to: Math.max(from, at) })
      open.delete(host)
    }
  }
  const lasting = [...open].map(([host, from]): Holding => ({ host, from, to: null }))
  return [...ended, ...lasting].sort((one, other) => one.from - other.from)
}

/** Who had the virtual IP when, and what is needed to judge it. */
export type Held = Pick<ScenarioReport, 'holders' | 'clocks' | 'durationMs'>

/** The times in which several gateways had the virtual IP, longer than clocks are known for; in order, apart. */
export function splitBrains({ holders, clocks, durationMs }: Held): Span[] {
  const unsureMs = unsureMsOf(clocks)
  const splits = holders.flatMap((one, index) =>
    holders
      .slice(index + 1)
      .filter(({ host }) => host !== one.host)
      .map((other): Span => ({
        from: Math.max(one.from, other.from),
        to: Math.min(one.to ?? durationMs, other.to ?? durationMs),
      })),
  )
  return merged(splits.filter(({ from, to }) => from < to)).filter(({ from, to }) => to - from > unsureMs)
}

/** By how much the times of two hosts may be off beside each other, in milliseconds. */
export function unsureMsOf(clocks: Held['clocks']): number {
  return clocks.reduce((sum, { errorMs }) => sum + errorMs, 0)
}
