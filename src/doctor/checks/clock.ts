import { error, judged, unjudged, warning } from '../../health/judgement.js'
import type { Finding, Judgement } from '../../model/health.js'

/** What certificates, logs and locks bear. */
const LARGEST_OFFSET_SECONDS = 1
/** A deploy does not trust a gateway whose clock is further off. */
const REFUSED_OFFSET_SECONDS = 5

/** The clock that others are compared with. */
export interface CommonClock {
  /** In seconds after this machine's. */
  readonly offset: number
  readonly whose: 'most others' | 'this machine'
}

/** The middle one of all clocks, this machine's among them. Of two that differ neither is right, and this machine's stands. */
export function commonClock(offsets: readonly number[]): CommonClock {
  if (offsets.length < 2) return { offset: 0, whose: 'this machine' }
  const sorted = [0, ...offsets].sort((one, other) => one - other)
  return { offset: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, whose: 'most others' }
}

/** Whether a host's clock, in seconds after this machine's, goes with the others', and is `kept` right from outside. */
export function judgeClock(
  host: string,
  offset: number | null,
  { common, kept }: { readonly common: CommonClock; readonly kept: boolean | null },
): Judgement {
  if (offset === null) return unjudged('the host does not tell the time')
  return judged([...judgeOffset(host, offset, common), ...(kept === false ? [unkept(host)] : [])])
}

function judgeOffset(host: string, offset: number, { whose, ...common }: CommonClock): Finding[] {
  const off = offset - common.offset
  if (Math.abs(off) < LARGEST_OFFSET_SECONDS) return []
  const message = `its clock is ${wordsFor(off)} ${whose}`
  const help = `gw exec ENV ${host} -- timedatectl`
  return [Math.abs(off) > REFUSED_OFFSET_SECONDS ? error(message, help) : warning(message, help)]
}

function unkept(host: string): Finding {
  return warning(
    'nothing keeps its clock right (NTPSynchronized is no)',
    `gw exec ENV ${host} -- timedatectl`,
  )
}

/** Whether this machine's clock goes with the hosts'; it may be the one that is wrong. */
export function judgeOwnClock(offsets: readonly number[]): Judgement {
  if (offsets.length === 0) return unjudged('no host told the time')
  const off = -commonClock(offsets).offset
  if (Math.abs(off) < LARGEST_OFFSET_SECONDS) return judged([])
  return judged([
    warning(
      `the clock of this machine is ${wordsFor(off)} most hosts`,
      'Set it by NTP: certificates are judged by it, and releases and journals have its times.',
    ),
  ])
}

function wordsFor(off: number): string {
  return `${Math.abs(off).toFixed(1)} s ${off > 0 ? 'ahead of' : 'behind'}`
}
