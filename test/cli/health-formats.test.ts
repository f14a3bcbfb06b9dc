import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nagiosAnswer, nagiosFailure } from '../../src/cli/health-formats/nagios.js'
import { prometheusText } from '../../src/cli/health-formats/prometheus.js'
import { healthJson } from '../../src/cli/health-json.js'
import { GwError } from '../../src/errors.js'
import { anyView } from '../ui/health-arbitrary.js'
import { outputFile, VIEWS } from '../ui/health-cases.js'
import { parseMetrics } from './metrics-parser.js'

const AT = { now: new Date('2026-11-21T12:00:00Z'), ms: 1234.5 }

/** Everything that a terminal or a line-wise reader acts upon. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u

/** Cases of which the long outputs are held, too. */
const LONG = VIEWS.filter(([title]) =>
  [
    'a host says hostile things',
    'one gateway cannot be reached',
    'only two phases were asked for',
    'nobody has answered yet',
  ].includes(title),
)

describe('the health of an environment, when', () => {
  it.each(VIEWS)('%s, is this for Nagios', async (title, view) => {
    const { line, exitCode } = nagiosAnswer(view, AT)
    await expect(`${line}\nexit code ${exitCode}\n`).toMatchFileSnapshot(outputFile(title, 'nagios.txt'))
  })

  it.each(LONG)('%s, is this for Prometheus', async (title, view) => {
    await expect(prometheusText(view, AT)).toMatchFileSnapshot(outputFile(title, 'metrics.prom'))
  })

  it.each(LONG)('%s, is this in JSON', async (title, view) => {
    const text = `${JSON.stringify(healthJson(view), undefined, 2)}\n`
    await expect(text).toMatchFileSnapshot(outputFile(title, 'output.json'))
  })
})

describe('the line for Nagios', () => {
  const PERFORMANCE = /^([a-z_]+=(U|-?[0-9.]+)s?(;[0-9.]*)*)( [a-z_]+=(U|-?[0-9.]+)s?(;[0-9.]*)*)*$/

  it('is one line of 1000 bytes at most, with one bar, whatever was found', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const { line } = nagiosAnswer(view, AT)
        expect(line).not.toMatch(CONTROL)
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1000)
        const [text = '', data = '', ...more] = line.split(' | ')
        expect(more).toEqual([])
        expect(text).not.toContain('|')
        expect(data).toMatch(PERFORMANCE)
      }),
    )
  })

  it('has a state and an exit code that say the same, and is OK only of what is healthy', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const { line, exitCode } = nagiosAnswer(view, AT)
        const state = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'][exitCode] ?? ''
        expect(line.startsWith(`GW ${state} - `)).toBe(true)
        expect([0, 1].includes(exitCode)).toBe(view.verdict === 'pass')
        if (view.verdict === 'fail') expect(exitCode).toBe(2)
      }),
    )
  })

  it('tells of a failure before anything was judged', () => {
    const error = new GwError('INVENTORY_INVALID', 'line 3 | of\nlab.yml is wrong', { host: 'gw-1' })
    expect(nagiosFailure(error, ['lab', '--format', 'nagios'])).toEqual({
      environment: null,
      text: 'GW UNKNOWN - gw-1: line 3 / of lab.yml is wrong (INVENTORY_INVALID)',
      exitCode: 3,
    })
  })

  it.each([
    ['--format nagios --bogus', true],
    ['--timeout 1 --format=nagios', true],
    ['--format nagios --watch', true],
    ['--format nagios --json', false],
    ['--format prometheus --limit nagios', false],
    ['-- --format nagios', false],
    ['nagios', false],
  ])('tells of what was typed wrong, when asked for: %s', (typed, isAsked) => {
    const error = new GwError('USAGE', 'so it is')
    expect(nagiosFailure(error, typed.split(' ')) !== null).toBe(isAsked)
  })

  it('cuts a long text between two characters and keeps the figures', () => {
    const [, view] = VIEWS.find(([title]) => title === 'one gateway cannot be reached') ?? []
    if (view === undefined) throw new Error('there is no such case')
    const error = new GwError('CONNECTION_LOST', 'ü€😀'.repeat(1000), { host: 'gw-2' })
    const hosts = view.hosts.map((host) => (host.state === 'unanswered' ? { ...host, error } : host))
    const { line } = nagiosAnswer({ ...view, hosts }, AT)
    expect(Buffer.byteLength(line)).toBeGreaterThan(985)
    expect(line).toMatch(/[ü€😀]\.\.\. \| healthy=U /u)
    expect(line).not.toContain('\ufffd')
  })
})

describe('the metrics for Prometheus', () => {
  it('can be read by a strict parser and name no time series twice', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const metrics = parseMetrics(prometheusText(view, AT))
        const series = metrics.map(({ name, labels }) => JSON.stringify([name, labels]))
        expect(new Set(series).size).toBe(series.length)
        for (const { labels } of metrics) expect(labels['environment']).toBeDefined()
      }),
    )
  })

  it('say of every phase and check exactly one verdict', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const sums = new Map<string, number>()
        for (const { name, labels, value } of parseMetrics(prometheusText(view, AT))) {
          if (!name.endsWith('_verdict')) continue
          const rest = { ...labels, verdict: null }
          const key = JSON.stringify([name, rest])
          sums.set(key, (sums.get(key) ?? 0) + value)
        }
        expect(sums.size).toBe(1 + view.hosts.length * view.phases.length + view.checks.length)
        expect(new Set(sums.values())).toEqual(new Set([1]))
      }),
    )
  })
})

describe('the data for --json', () => {
  it('says healthy as the verdict does, and has the same keys for every host', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const { hosts, data } = healthJson(view)
        expect(data.healthy).toBe(
          new Map([
            ['pass', true],
            ['fail', false],
          ] as const).get(view.verdict as 'pass') ?? null,
        )
        for (const host of Object.values(hosts)) {
          expect(Object.keys(host)).toEqual(
            expect.arrayContaining(['phases', 'release', 'holdsAddress', 'certificates', 'clockOffset']),
          )
        }
      }),
    )
  })
})
