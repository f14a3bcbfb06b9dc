/** A time that a host told by its own clock. All times are in milliseconds since 1970. */
interface ToldTime {
  readonly told: number
  /** When it was heard, by this machine's clock. */
  readonly heard: number
  /** When it was asked for, by this machine's clock; nothing when nobody asked. */
  readonly asked?: number
}

/** The year 5138: whatever a host says, times and what lies between them are dates. */
const TIME = /^\d{1,11}\.\d{6,9}$/

/** Pure: a time as `date +%s.%N` prints it, in milliseconds since 1970; null for anything else. */
export function toldTime(text: string): number | null {
  return TIME.test(text) ? Number(text) * 1000 : null
}

/**
 * By how much a host's clock is ahead of this machine's, from what it tells of its time. A time that is told was so after it
 * was asked for and before it was heard; the least delayed word each way leaves the narrowest room between.
 */
export class ClockBounds {
  #least = -Infinity
  #most = Infinity

  note({ told, heard, asked = -Infinity }: ToldTime): void {
    this.#least = Math.max(this.#least, told - heard)
    this.#most = Math.min(this.#most, told - asked)
  }

  /**
   * The middle of what is possible, and how far off that may be; null before anything was asked. A clock that was set
   * meanwhile, of which nothing is possible, is as uncertain as what it tells differs.
   */
  get offset(): { readonly offsetMs: number; readonly errorMs: number } | null {
    if (!Number.isFinite(this.#least) || !Number.isFinite(this.#most)) return null
    const offsetMs = (this.#least + this.#most) / 2
    return { offsetMs, errorMs: Math.abs(this.#most - this.#least) / 2 }
  }
}
