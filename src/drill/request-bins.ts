import { isAnswered, isFailed } from './outage.js'
import type { Kind, Ledger, Sample } from './sample.js'

/** Requests of a kind in equal spans of time. Lists have an entry for each span, from the first on. */
export interface RequestBins {
  readonly kind: Kind
  readonly binMs: number
  readonly failed: readonly number[]
  /** Answered ones by the gateway that answered; `''` for those that do not say. */
  readonly answered: Readonly<Record<string, readonly number[]>>
}

/** How much time one count covers, in milliseconds: a takeover is a few of them. */
export const BIN_MS = 20

/** How many requests were answered and failed, by when they were due; those that could not be sent are neither. */
export function requestBins({ samples, durationMs }: Ledger, kinds: readonly Kind[]): RequestBins[] {
  const length = Math.ceil(durationMs / BIN_MS)
  return kinds.map((kind) => {
    const own = samples.filter((sample) => sample.kind === kind)
    return {
      kind,
      binMs: BIN_MS,
      failed: counted(own.filter(isFailed), length),
      answered: answeredBins(own.filter(isAnswered), length),
    }
  })
}

function answeredBins(samples: readonly Sample[], length: number): Record<string, number[]> {
  const nodes = [...new Set(samples.map(nodeOf))]
  const binsOf = (node: string): number[] =>
    counted(
      samples.filter((sample) => nodeOf(sample) === node),
      length,
    )
  return Object.fromEntries(nodes.map((node) => [node, binsOf(node)]))
}

function nodeOf({ node }: Sample): string {
  return node ?? ''
}

function counted(samples: readonly Sample[], length: number): number[] {
  const bins = new Array<number>(length).fill(0)
  for (const { due } of samples) {
    const bin = Math.floor(due / BIN_MS)
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  return bins
}
