import { arpBursts, type ArpWord } from './arp-bursts.js'
import { ClockBounds } from './clock-offset.js'
import { LONGEST_LINE, samplerWord, type SamplerWord } from './sampler-program.js'

/** The virtual IP came to a host or went, at a time in milliseconds since 1970 by the host's clock. */
interface AddressChange {
  readonly at: number
  readonly holds: boolean
}

/** What a host's sampler has told, line by line, over one connection or several after another. */
export class SamplerLog {
  readonly clock = new ClockBounds()
  readonly addresses: AddressChange[] = []
  /** When it began to look for the first time, by the host's clock; null before that. */
  beganAt: number | null = null
  /** Why it cannot look; null as long as it says nothing of that. */
  failure: string | null = null
  readonly #arp: ArpWord[] = []
  readonly #onAddress: (change: AddressChange) => void
  #boot: string | null = null
  #holds: boolean | null = null
  #latest = 0
  #line = ''

  /** `onAddress` hears of every change as it is told. */
  constructor(onAddress: (change: AddressChange) => void) {
    this.#onAddress = onAddress
  }

  /** Whether it looks, and has told what was so when it began. */
  get hasBegun(): boolean {
    return this.#holds !== null
  }

  get bursts(): ReturnType<typeof arpBursts> {
    return arpBursts(this.#arp)
  }

  /** Another connection, on which no line goes on. */
  begin(): void {
    this.#line = ''
  }

  /** Takes what was printed, whole lines or not; `heard` is this machine's time. */
  push(text: string, heard: number): void {
    const [first = '', ...others] = text.split('\n')
    const lines = [this.#line + first, ...others]
    // What is longer is no line of the program, and the end of it is none either.
    this.#line = (lines.pop() ?? '').slice(0, LONGEST_LINE)
    for (const line of lines) {
      const word = samplerWord(line)
      if (word?.kind === 'failed') this.failure = word.why
      else if (word !== null) this.#hear(word, heard)
    }
  }

  #hear(word: Exclude<SamplerWord, { kind: 'failed' }>, heard: number): void {
    const { at } = word
    this.clock.note({ told: at, heard })
    if (word.kind === 'begin') this.#boots(word.boot, at)
    if (word.kind === 'address') this.#turns(word.holds, at)
    if (word.kind === 'arp') this.#arp.push({ at, mac: word.mac, isOwn: word.isOwn })
    this.#latest = at
  }

  /** A host that was down has lost the address when it was heard of last, at the latest soon after. */
  #boots(boot: string, at: number): void {
    this.beganAt ??= at
    if (this.#boot !== null && this.#boot !== boot && this.#holds === true) this.#turns(false, this.#latest)
    this.#boot = boot
  }

  #turns(holds: boolean, at: number): void {
    const isChange = this.#holds !== null && this.#holds !== holds
    this.#holds = holds
    if (!isChange) return
    const change = { at, holds }
    this.addresses.push(change)
    this.#onAddress(change)
  }
}
