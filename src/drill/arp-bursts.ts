/** A gratuitous ARP, at a time in milliseconds. */
export interface ArpWord {
  readonly at: number
  readonly mac: string
  readonly isOwn: boolean
}

export interface ArpBurst extends ArpWord {
  readonly count: number
}

/** Those of one sender that are no further apart are one burst, in milliseconds. */
const APART_MS = 500

/** Pure: bursts by when they began; `words` are in their order. */
export function arpBursts(words: readonly ArpWord[]): ArpBurst[] {
  const bursts: ArpBurst[] = []
  const latest = new Map<string, { readonly index: number; readonly at: number }>()
  for (const word of words) {
    const last = latest.get(word.mac)
    const burst = last !== undefined && word.at - last.at < APART_MS ? bursts[last.index] : undefined
    const index = last !== undefined && burst !== undefined ? last.index : bursts.length
    bursts[index] = { ...(burst ?? word), count: (burst?.count ?? 0) + 1 }
    latest.set(word.mac, { index, at: word.at })
  }
  return bursts
}
