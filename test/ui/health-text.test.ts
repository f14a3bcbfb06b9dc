import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lastingText } from '../../src/ui/health-findings.js'
import { healthText } from '../../src/ui/health-text.js'
import { cellKey, changedCells, type HealthView } from '../../src/ui/health-view.js'
import { FakeTerminal } from '../fakes/terminal.js'
import { anyView } from './health-arbitrary.js'
import { outputFile, VIEWS } from './health-cases.js'

const plain = new FakeTerminal().paintOut
const tagged = new FakeTerminal({ colours: true }).paintOut

function viewOf(title: string): HealthView {
  const found = VIEWS.find(([each]) => each === title)
  if (found === undefined) throw new Error(`there is no case "${title}"`)
  return found[1]
}

describe('the health of an environment, when', () => {
  it.each(VIEWS)('%s, is shown like this', async (title, view) => {
    await expect(`${healthText(view, plain)}\n`).toMatchFileSnapshot(outputFile(title, 'table.txt'))
  })
})

describe('the text of health', () => {
  it('has nothing that a terminal acts upon, whatever hosts say', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        expect(healthText(view, plain)).not.toMatch(/(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u)
      }),
    )
  })

  it('ends with a line that says what the verdict is', () => {
    const words = { pass: 'healthy', fail: 'unhealthy', inconclusive: 'inconclusive', none: 'waiting' }
    fc.assert(
      fc.property(anyView, (view) => {
        const last = healthText(view, plain).split('\n').at(-1) ?? ''
        expect(last.split(/[ :]/)[0]).toBe(words[view.verdict ?? 'none'])
      }),
    )
  })

  it('counts in its last line what it shows in its table', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const text = healthText(view, plain)
        const failed = text.split('\n').some((line) => /  FAIL\*?( |$)/.test(line))
        expect(failed && view.verdict !== null).toBe(view.verdict === 'fail')
      }),
    )
  })

  it('is the same with colours and without', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const coloured = healthText(view, (style, text) => tagged(style, text))
        const before = healthText(view, plain)
        fc.pre(!/<|>/.test(before))
        expect(coloured.replaceAll(/<\/?[a-z,]*>/g, '')).toBe(before)
      }),
    )
  })

  it('has a table that fits into 80 columns with names as long as these', () => {
    const { hosts, ...view } = viewOf('one gateway cannot be reached')
    const longer = hosts.map((host) => ({ ...host, host: 'gateway-12' }))
    const table = healthText({ ...view, hosts: longer }, plain)
      .split('\n\n')
      .slice(0, 2)
      .join('\n')
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('breaks findings between words where the screen is narrow, and loses none of them', () => {
    fc.assert(
      fc.property(anyView, fc.integer({ min: 20, max: 200 }), (view, columns) => {
        const words = (text: string) => text.split(/\s+/).filter((word) => word !== '')
        expect(words(healthText(view, plain, columns))).toEqual(words(healthText(view, plain)))
      }),
    )
    const narrow = healthText(viewOf('NGINX does not run on the standby'), plain, 40)
    expect(narrow).toMatch(/note {2}not\n {6}judged while NGINX does not run\n {6}\(see/)
  })

  it('paints what is wrong, and dims why something was not judged', () => {
    const text = healthText(viewOf('NGINX does not run on the standby'), tagged)
    expect(text).toContain('<red,bold>FAIL</>')
    expect(text).toContain('<bold>gw-2</>  process  <red>error</>  NGINX does not run')
    expect(text).toContain('<dim>gw-2  ports, http, certificate  note  not judged')
    expect(text).toContain('<red>unhealthy: 1 error</>')
  })

  it('marks a cell that changed with and without colours', () => {
    const view = viewOf('the address moved since the round before')
    expect(healthText(view, tagged)).toContain('<yellow,inverse>warn*</>')
    expect(healthText(view, plain)).toContain('holds it*')
  })
})

describe('what has changed since the round before', () => {
  const well = viewOf('both gateways are well')

  it('is nothing in the first round, and nothing between two that are alike', () => {
    expect(changedCells(null, well)).toEqual(new Set())
    expect(changedCells(well, well)).toEqual(new Set())
  })

  it('is every cell that says something else', () => {
    expect(changedCells(well, viewOf('NGINX does not run on the standby'))).toEqual(
      new Set([
        ...(['process', 'ports', 'http', 'certificate', 'release'] as const).map((each) =>
          cellKey('gw-2', each),
        ),
        cellKey(null, 'standby'),
      ]),
    )
  })

  it('is the address that moved', () => {
    const moved = viewOf('the address moved since the round before')
    expect(changedCells(well, moved)).toEqual(moved.changed)
  })

  it('is no cell that is only being asked, or was', () => {
    const asked = viewOf('nobody has answered yet')
    expect(changedCells(well, asked)).toEqual(new Set())
    expect(changedCells(asked, well)).toEqual(new Set())
  })

  it('is, of a gateway that went away, the cell that says so', () => {
    const gone = viewOf('one gateway cannot be reached')
    const cells = [...changedCells(well, gone)]
    expect(cells).toContain(cellKey('gw-2', 'process'))
    expect(cells).toContain(cellKey(null, 'vrrp'))
    expect(healthText({ ...gone, changed: new Set(cells) }, plain)).toContain('gw-2  unreachable*')
  })
})

describe('what a log shows again', () => {
  const down = (...messages: readonly string[]): HealthView => {
    const view = viewOf('both gateways are well')
    const findings = messages.map((message) => ({ severity: 'warning', message, help: '' }) as const)
    const hosts = view.hosts.map((host) =>
      host.state === 'judged'
        ? {
            ...host,
            health: {
              ...host.health,
              phases: { ...host.health.phases, upstreams: { verdict: 'pass', findings } as const },
            },
          }
        : host,
    )
    return { ...view, hosts }
  }
  const [one, other] = ['admin-1', 'admin-2'].map((name) => `${name} (10.0.1.111:3000) takes no connections`)

  it('is another fault, or one more, in a cell that says the same word', () => {
    const texts = [down(), down(one ?? ''), down(other ?? ''), down(one ?? '', other ?? '')].map(lastingText)
    expect(new Set(texts).size).toBe(4)
  })

  it.each([
    ['release.conf was changed 7 s ago, but NGINX read its files 9.5 s ago', 'an age'],
    ['GET /health took 612 ms', 'a time'],
    ['42 connections wait to be accepted, and 1.5 % of them', 'a count'],
  ])('is not the same fault a look later: %s', (message) => {
    const later = message.replaceAll(/\d+(\.\d)?/g, '83')
    expect(lastingText(down(later))).toBe(lastingText(down(message)))
  })

  it('is an address, a name, a release or a version that is another one', () => {
    const messages = [
      '10.0.1.111:3000',
      '10.0.1.112:3000',
      'gw-1',
      'gw-2',
      'v1.2',
      'v1.3',
      '[::1]:80',
      '[::2]:80',
    ]
    expect(new Set(messages.map((each) => lastingText(down(`${each} is odd`)))).size).toBe(messages.length)
  })
})
