import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SamplerLog } from '../../src/drill/sampler-log.js'
import { samplerWord } from '../../src/drill/sampler-program.js'

const BOOT = '6a32cd4c-12ca-450c-9363-43830c75cf3e-58623'
const MAC = '02:42:c6:12:02:66'

/** The host's clock is so far ahead, in milliseconds. */
const AHEAD_MS = 3_600_000

/** A line that the program prints at a time of this machine, in milliseconds. */
function line(words: string, at: number): string {
  return `${words} ${((at + AHEAD_MS) / 1000).toFixed(6)}\n`
}

function logOf(...texts: readonly string[]) {
  const told: { at: number; holds: boolean }[] = []
  const log = new SamplerLog((change) => {
    told.push(change)
  })
  for (const text of texts) log.push(text, 5000)
  return { log, told }
}

const moves = (log: SamplerLog) => log.addresses.map(({ at, holds }) => [Math.round(at - AHEAD_MS), holds])

describe('a line of the program', () => {
  it.each([
    [`begin ${BOOT} 1795327223.911439`, { kind: 'begin', boot: BOOT }],
    ['tick 1795327223.911439', { kind: 'tick' }],
    ['address 0 1795327223.911439', { kind: 'address', holds: false }],
    ['address 1 1795327223.911439', { kind: 'address', holds: true }],
    [`arp ${MAC} heard 1795327223.911439`, { kind: 'arp', mac: MAC, isOwn: false }],
    [`arp ${MAC} sent 1795327223.911439`, { kind: 'arp', mac: MAC, isOwn: true }],
  ])('is read: %s', (text, word) => {
    const { at, ...rest } = { at: 0, ...samplerWord(text) }
    expect(rest).toEqual(word)
    expect(at).toBeCloseTo(1795327223911.439, 2)
  })

  it('may tell why nothing can be told', () => {
    expect(samplerWord('failed packets: Operation not permitted')).toEqual({
      kind: 'failed',
      why: 'packets: Operation not permitted',
    })
  })

  it.each([
    '',
    'tick',
    'tick soon',
    'tick 17',
    ' tick 1795327223.911439',
    'tock 1795327223.911439',
    'begin 1795327223.911439',
    'arp 02:42 heard 1795327223.911439',
    `arp ${MAC}\u001b[31m heard 1795327223.911439`,
    `failed ${'x'.repeat(151)}`,
    'tick 999999999999.000000',
    'tick 1795327223.911439.5',
    'tick -1795327223.911439',
  ])('is no line of it: %j', (text) => {
    expect(samplerWord(text)).toBeNull()
  })
})

describe('what a host has told', () => {
  it('is what has changed since it began to look', () => {
    const { log, told } = logOf(line(`begin ${BOOT}`, 100))
    expect([log.hasBegun, log.beganAt]).toEqual([false, 100 + AHEAD_MS])
    log.push(line('address 1', 101), 5000)
    expect([log.hasBegun, told]).toEqual([true, []])
    log.push(line('address 0', 200) + line('address 0', 300) + line('address 1', 400), 5000)
    expect(moves(log)).toEqual([
      [200, false],
      [400, true],
    ])
    expect(told).toEqual(log.addresses)
  })

  it('is the same however it is cut into pieces', () => {
    const text = [
      line(`begin ${BOOT}`, 1),
      line('address 1', 2),
      line('tick', 100),
      line(`arp ${MAC} heard`, 120),
      line(`arp ${MAC} heard`, 121),
      line('address 0', 122),
    ].join('')
    const whole = logOf(text)
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const at = [0, ...cuts.toSorted((one, other) => one - other), text.length]
        const { log, told } = logOf(...at.slice(1).map((end, index) => text.slice(at[index], end)))
        expect([told, log.bursts, log.clock.offset]).toEqual([
          whole.told,
          whole.log.bursts,
          whole.log.clock.offset,
        ])
      }),
    )
    expect([moves(whole.log), whole.log.bursts.map(({ count }) => count)]).toEqual([[[122, false]], [2]])
  })

  it('is right about a clock that is an hour ahead', () => {
    const { log } = logOf()
    log.clock.note({ asked: 90, told: 100 + AHEAD_MS, heard: 110 })
    log.push(line(`begin ${BOOT}`, 195), 200)
    expect(log.clock.offset).toEqual({ offsetMs: AHEAD_MS + 2.5, errorMs: 7.5 })
  })

  it('takes nothing from what is no line of the program, and goes on after it', () => {
    const { log } = logOf(line(`begin ${BOOT}`, 1), line('address 0', 2), 'x'.repeat(500))
    log.push('y'.repeat(500) + line('address 1', 3), 5000)
    log.push(line('address 1', 4), 5000)
    expect(moves(log)).toEqual([[4, true]])
  })

  it('does not go on with a line of a connection that was lost', () => {
    const { log } = logOf(line(`begin ${BOOT}`, 1), line('address 0', 2), 'addr')
    log.begin()
    log.push(line(`begin ${BOOT}`, 100) + line('address 1', 101), 5000)
    expect(moves(log)).toEqual([[101, true]])
    expect(log.beganAt).toBe(1 + AHEAD_MS)
  })

  it('is that a host which was down has lost the address when it was heard of last', () => {
    const { log } = logOf(line(`begin ${BOOT}`, 1), line('address 1', 2), line('tick', 100))
    log.begin()
    log.push(line('begin another', 9000) + line('address 0', 9001), 9100)
    expect(moves(log)).toEqual([[100, false]])
  })

  it('is dates, whatever it says', () => {
    const time = fc.oneof(
      fc.integer({ min: 1, max: 30 }).map((digits) => `${'9'.repeat(digits)}.000000`),
      fc.nat().map((seconds) => `${seconds}.000000`),
      fc.constantFrom('0.000000', '99999999999.999999', 'Infinity', '1e30', '-1.000000', 'NaN'),
    )
    const word = fc.constantFrom('begin a', 'begin b', 'tick', 'address 0', 'address 1', `arp ${MAC} sent`)
    const hostile = fc.array(
      fc.oneof(
        fc.tuple(word, time).map((parts) => parts.join(' ')),
        fc.string(),
      ),
    )
    fc.assert(
      fc.property(hostile, fc.boolean(), (lines, isAsked) => {
        const { log, told } = logOf()
        if (isAsked) log.clock.note({ asked: 4000, told: 4500, heard: 5000 })
        log.push(lines.map((each) => `${each}\n`).join(''), 5000)
        const { offsetMs, errorMs } = log.clock.offset ?? { offsetMs: 0, errorMs: 0 }
        const times = [...told, ...log.addresses, ...log.bursts].map(({ at }) => at - offsetMs)
        const all = [...times, offsetMs, errorMs, log.beganAt ?? 0]
        expect(all.filter((at) => Number.isNaN(new Date(at).getTime()))).toEqual([])
        expect(log.clock.offset === null).toBe(!isAsked)
      }),
    )
  })

  it('is why it cannot look', () => {
    expect(logOf('failed the interface eth9: No such device\n').log.failure).toBe(
      'the interface eth9: No such device',
    )
  })
})
