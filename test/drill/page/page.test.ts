import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drillPage } from '../../../src/drill/page/page.js'
import { DRILL_CASES, drillCase } from '../drill-cases.js'
import { hostileDrill } from '../hostile-drill.js'
import { textOf, tagsOf, type Tag } from './tags.js'

const TAKEOVER = drillCase('a takeover, and the drills before')

function pageOf(title: string): string {
  const { report, earlier } = drillCase(title)
  return drillPage(report, earlier)
}

/** The tags of a kind that have a class among theirs. */
function ofClass(page: string, name: string): Tag[] {
  return tagsOf(page).filter(({ attributes }) => attributes['class']?.split(' ').includes(name))
}

describe('the page of a drill', () => {
  it.each(DRILL_CASES)('is one whole document that loads nothing: $title', ({ report, earlier }) => {
    const tags = tagsOf(drillPage(report, earlier))
    expect(tags.map(({ name }) => name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(script|link|img|iframe|image|use|base|form)$/)]),
    )
    const policy = tags.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy')
    expect(policy?.attributes['content']).toBe("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
  })

  it.each(DRILL_CASES)('says what the drill was: $title', ({ report, earlier }) => {
    const text = textOf(drillPage(report, earlier))
    const { environment, by, command, address, run, scenarios, skipped, verdict } = report
    for (const said of [environment, by, command, address, run, verdict, ...skipped])
      expect(text).toContain(said)
    for (const { name, reasons, events } of scenarios)
      for (const said of [name, ...reasons, ...events.map((event) => event.text)])
        expect(text).toContain(said)
  })

  it.each(DRILL_CASES)('tells in words what each drawing shows: $title', ({ report, earlier }) => {
    const page = drillPage(report, earlier)
    const drawings = tagsOf(page).filter(({ name }) => name === 'svg')
    for (const { attributes } of drawings)
      expect(attributes['aria-hidden'] === 'true' || (attributes['aria-label'] ?? '') !== '').toBe(true)
  })

  it('shows the whole scenario, and larger what was over too soon to be seen in it', () => {
    const [stopped] = TAKEOVER.report.scenarios
    const labels = ofClass(
      drillPage({ ...TAKEOVER.report, scenarios: stopped ? [stopped] : [] }, []),
      'timeline',
    ).map(({ attributes }) => attributes['aria-label'])
    const words =
      'Timeline of nginx-stopped. Virtual IP: gw-1 -> gw-2 -> gw-1; outage 31 ms; 15 of 8760 requests failed.'
    expect(labels).toEqual([words, `${words} The time around the fault, larger.`])
  })

  it('shows the fault, its undo and the outage', () => {
    const text = textOf(pageOf('an aborted one, undone by the host'))
    for (const said of [
      'fault',
      'undone by host, +1.820 s',
      '1843 ms without an answer',
      'Not begun: disk-full, reboot',
    ])
      expect(text).toContain(said)
  })

  it('marks two holders at once, and only those', () => {
    const split = pageOf('a split brain')
    expect(ofClass(split, 'bracket-split').length).toBeGreaterThan(0)
    expect(textOf(split)).toContain('two gateways had the virtual IP for 5431 ms')
    for (const { title } of DRILL_CASES.filter((each) => each.title !== 'a split brain'))
      expect(ofClass(pageOf(title), 'bracket-split'), title).toEqual([])
  })

  it('compares with the drills before', () => {
    const page = pageOf(TAKEOVER.title)
    const [first] = ofClass(page, 'spark')
    expect(first?.attributes['aria-label']).toBe(
      'outages from drill to drill: 44 ms, 39 ms, 36 ms, 31 ms, 31 ms',
    )
    expect(textOf(page)).toContain('41 ms, -3 ms')
    expect(textOf(drillPage(TAKEOVER.report, []))).toContain('first time')
  })

  it('draws as many requests as there were, in few enough bars', () => {
    const page = pageOf('an aborted one, undone by the host')
    expect(page.length).toBeLessThan(150_000)
    const titles = [
      ...page.matchAll(/<title>(\d+) of \d+ requests over new TLS connections failed<\/title>/g),
    ]
    const failed = titles.reduce((sum, [, count]) => sum + Number(count), 0)
    // Each of keepalived-stopped's is drawn twice, once larger; those of host-cut once in its only drawing.
    expect(failed).toBe(5 * 2 + 368)
  })

  it('has no figure that is none, and nothing in it but what gw draws, whatever the drill holds', () => {
    const page = fc
      .tuple(hostileDrill, hostileDrill)
      .map(([report, before]) => drillPage(report, [before, report]))
    fc.assert(
      fc.property(page, (text) => {
        expect(text).not.toMatch(/NaN|Infinity|undefined/)
        expect(tagsOf(text).flatMap(foreignIn)).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})

/** What of a tag is not gw's own. */
function foreignIn({ name, attributes }: Tag): string[] {
  const wrong = Object.entries(attributes).filter(
    ([attribute, value]) =>
      !ATTRIBUTES.includes(attribute) ||
      (attribute === 'href' && !/^#s\d+$/.test(value)) ||
      (DRAWN.includes(attribute) && !/^[-\d. MhvzaLl]*$/.test(value)),
  )
  const own = ELEMENTS.includes(name) ? [] : [`<${name}>`]
  return [...own, ...wrong.map(([attribute, value]) => `<${name}> ${attribute}="${value}"`)]
}

const ELEMENTS =
  'html head meta title style body main header h1 h2 span pre code dl div dt dd table thead tbody tr th td a section p ul li figure figcaption details summary br svg defs pattern rect circle line path text g'.split(
    ' ',
  )

/** Attributes that are places and sizes. */
const DRAWN = ['x', 'y', 'x1', 'x2', 'y1', 'y2', 'width', 'height', 'd', 'viewBox']

const ATTRIBUTES = [
  ...DRAWN,
  ...'lang charset http-equiv content name class id href scope tabindex role title open rx r cx cy'.split(
    ' ',
  ),
  ...'aria-label aria-labelledby aria-hidden text-anchor transform patternUnits patternTransform'.split(' '),
]
