import { holdingsOf, splitBrains } from './holdings.js'
import type { HostEvent } from './host-sampler.js'
import type { MeasuredLoad } from './measurement.js'
import type { ClockOffset, DrillEvent, ScenarioReport } from './report.js'
import type { Span } from './sample.js'
import type { Scenario } from './scenarios/scenario.js'
import type { UndoneBy } from './undo.js'
import { verdictOf } from './verdict.js'
import { addressWords } from './words.js'

/** What has become of a scenario so far. Times are in milliseconds since 1970, by this machine's clock. */
export class ScenarioRecord {
  readonly steps: DrillEvent[] = []
  disturbedAt: number | null = null
  undoneAt: number | null = null
  undoneBy: UndoneBy | null = null
  /** Why it was undone before its time. */
  aborted: string | null = null
  /** What was not steady again. */
  unsteady: readonly string[] = []
  holderAfter: string | null = null

  constructor(
    readonly scenario: Scenario,
    /** The gateways that are disturbed. */
    readonly hosts: readonly string[],
    readonly holderBefore: string,
    readonly maxOutageMs: number,
  ) {}

  /** `by` are those who undid it, one for each host; without a fault nothing was undone. */
  undone(by: readonly UndoneBy[]): void {
    this.undoneAt = Date.now()
    if (this.disturbedAt !== null) this.undoneBy = by.find((each) => each !== 'gw') ?? 'gw'
  }

  /** The virtual IP was to come back. */
  failedBack(): void {
    const { holderAfter, holderBefore } = this
    if (holderAfter === null || holderAfter === holderBefore) return
    const reason = `the virtual IP went to ${holderAfter}, and was to come back to ${holderBefore}`
    this.unsteady = [...this.unsteady, reason]
  }

  step(
    text: string,
    { host = null, at = Date.now() }: Partial<Pick<DrillEvent, 'host' | 'at'>> = {},
  ): DrillEvent {
    const event: DrillEvent = { at, host, kind: 'step', text }
    this.steps.push(event)
    return event
  }

  /** All that is told of it. `seen` is what the hosts saw, `clocks` by which it was set right. */
  report(measured: MeasuredLoad, seen: readonly HostEvent[], clocks: readonly ClockOffset[]): ScenarioReport {
    const { scenario, hosts, holderBefore, holderAfter, undoneBy } = this
    const { startedAt, clients, unmeasured, latenessMs, requests, outageMs } = measured
    const begin = startedAt.getTime()
    const since = <Time extends number | null>(at: Time): Time =>
      (at === null ? at : Math.round((at - begin) * 10) / 10) as Time
    const durationMs = Date.now() - begin
    const told = {
      ...{ expects: scenario.expects, hosts, holderBefore, outageMs, clocks, durationMs },
      disturbedAt: since(this.disturbedAt),
      undoneAt: since(this.undoneAt),
      holders: holdingsOf(
        [holderBefore],
        seen.map((event) => ({ ...event, at: since(event.at) })),
      ),
    }
    const { maxOutageMs, aborted } = this
    const early = undoneBy === 'host' ? ['the host undid it alone, before gw did'] : []
    const unsteady = [...early, ...this.unsteady]
    const senders = sendersIn(seen)
    const happened = [...this.steps, ...seen.map((event) => eventOf(event, senders))].map((event) => ({
      ...event,
      at: since(event.at),
    }))
    return {
      ...told,
      ...verdictOf({ ...told, maxOutageMs, unseenMs: unseenMsOf(clients), aborted, unsteady }),
      ...{ name: scenario.name, holderAfter, undoneBy },
      startedAt: startedAt.toISOString(),
      ...{ clients, unmeasured, latenessMs, requests },
      events: [...happened, ...splitBrains(told).map((split) => splitEvent(split, durationMs))].sort(
        (one, other) => one.at - other.at,
      ),
    }
  }
}

/** A fault that nobody looked at is not known to have cost nothing. */
function unseenMsOf(clients: MeasuredLoad['clients']): number {
  const asked = clients.filter(({ kind }) => kind === 'tcp' || kind === 'tls')
  return Math.max(0, ...asked.map(({ unknownMs }) => unknownMs))
}

function splitEvent({ from, to }: Span, durationMs: number): DrillEvent {
  const lasted = to < durationMs ? `, for ${Math.round(to - from)} ms` : ''
  const text = `split brain: two gateways have the virtual IP${lasted}`
  return { at: from, host: null, kind: 'step', text }
}

function eventOf(event: HostEvent, senders: ReadonlyMap<string, string>): DrillEvent {
  const { at, host } = event
  switch (event.kind) {
    case 'address':
      return { at, host, kind: 'address', text: addressWords(event.holds) }
    case 'vrrp':
      return { at, host, kind: 'vrrp', text: event.state }
    case 'arp':
      return { at, host, kind: 'arp', text: arpText(event, senders) }
  }
}

type ArpEvent = Extract<HostEvent, { kind: 'arp' }>

/** Hosts by the hardware address by which they tell the network that they have the virtual IP. */
function sendersIn(seen: readonly HostEvent[]): Map<string, string> {
  const own = seen.filter((event): event is HostEvent & ArpEvent => event.kind === 'arp' && event.isOwn)
  return new Map(own.map(({ mac, host }) => [mac, host]))
}

function arpText({ mac, isOwn, count }: ArpEvent, senders: ReadonlyMap<string, string>): string {
  const often = count === 1 ? '' : `, ${count} times`
  if (isOwn) return `tells the network that it has the virtual IP${often}`
  return `hears that ${senders.get(mac) ?? mac} has it${often}`
}
