import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { drillFolder, DrillHistory } from '../../src/cli/drill-history.js'
import { drillLines, parseDrill, parseDrillHead } from '../../src/cli/drill-record.js'
import type { DrillReport } from '../../src/drill/report.js'
import { cleanLine } from '../../src/shell/clean.js'
import { drillCase } from '../drill/drill-cases.js'
import { hostileDrill } from '../drill/hostile-drill.js'

const { report: DRILL } = drillCase('a takeover, and the drills before')

let parent: string
let history: DrillHistory

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'gw-drills-'))
  history = new DrillHistory(join(parent, 'gw/drills'))
})

afterEach(() => {
  chmodSync(parent, 0o700)
  rmSync(parent, { recursive: true })
})

/** A drill of its own at a minute of the day, small enough to be kept many times. */
function drillAt(minute: number, environment = 'production'): DrillReport {
  const startedAt = new Date(Date.UTC(2026, 10, 22, 0, minute)).toISOString()
  return {
    ...DRILL,
    ...{ run: minute.toString(16).padStart(8, '0'), startedAt, environment, scenarios: [] },
  }
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777
}

describe('the drills that are kept', () => {
  it('lie in a folder and in files that only their user reads, whatever the umask', async () => {
    const before = process.umask(0)
    try {
      const page = await history.save(DRILL, [])
      expect(page).toBe(join(history.folder, '20261122T020004Z-5be01c77.html'))
      expect(readdirSync(history.folder).sort()).toEqual([
        '20261122T020004Z-5be01c77.html',
        '20261122T020004Z-5be01c77.jsonl',
      ])
      expect(modeOf(history.folder)).toBe(0o700)
      for (const name of readdirSync(history.folder)) expect(modeOf(join(history.folder, name))).toBe(0o600)
    } finally {
      process.umask(before)
    }
  })

  it('come back as they were, requests and all when one of them is wanted', async () => {
    const page = await history.save(DRILL, [])
    const [listed] = await history.list(null)
    expect(listed?.scenarios.map(({ requests }) => requests)).toEqual([[], []])
    expect(listed && (await history.whole(listed))).toEqual(DRILL)
    expect(listed && history.pageOf(listed)).toBe(page)
    expect(readFileSync(page, 'utf8')).toContain(DRILL.run)
  })

  it('are listed in their order, of one environment or all', async () => {
    for (const drill of [drillAt(2), drillAt(1, 'staging'), drillAt(3)]) await history.save(drill, [])
    const runs = async (environment: string | null) =>
      (await history.list(environment)).map(({ startedAt }) => startedAt.slice(14, 16))
    expect(await runs(null)).toEqual(['01', '02', '03'])
    expect(await runs('production')).toEqual(['02', '03'])
    expect(await runs('lab')).toEqual([])
  })

  it('are two hundred at most: the oldest go, with their pages', async () => {
    await history.save(drillAt(0), [])
    for (let minute = 1; minute < 202; minute += 1) {
      const page = history.pageOf(drillAt(minute))
      writeFileSync(page, '')
      writeFileSync(page.replace(/html$/, 'jsonl'), '')
    }
    await history.save(drillAt(202), [])
    const names = readdirSync(history.folder).sort()
    expect(names.length).toBe(400)
    expect(names[0]).toContain('T000300Z')
    expect(names.at(-1)).toContain('T032200Z')
  })

  it('are none on a machine that ran none', async () => {
    expect(await history.list(null)).toEqual([])
  })

  it('pass over what is garbled, half written or none of theirs', async () => {
    await history.save(drillAt(1), [])
    const whole = drillLines(DRILL)
    const put = (name: string, content: string) => {
      writeFileSync(join(history.folder, name), content)
    }
    put('20261122T030000Z-aaaaaaaa.jsonl', '')
    put('20261122T030000Z-bbbbbbbb.jsonl', whole.slice(0, 400))
    put('20261122T030000Z-cccccccc.jsonl', '{"schemaVersion":1}\n[]\n')
    put('.3b4d', whole)
    put('notes.jsonl', whole)
    put('20261122T020004Z-5be01c77.jsonl', `${whole.split('\n')[0] ?? ''}\n[[`)
    const listed = await history.list(null)
    expect(listed.map(({ run }) => run)).toEqual(['00000001', '5be01c77'])
    const half = listed[1]
    expect(half && (await history.whole(half))).toBeNull()
  })

  it('say where they cannot be kept or read', async () => {
    writeFileSync(join(parent, 'gw'), '')
    await expect(history.save(DRILL, [])).rejects.toThrow('ENOTDIR')
    await expect(history.list(null)).rejects.toThrow('ENOTDIR')
  })

  it('leave nothing behind when they cannot be kept', async () => {
    await history.save(drillAt(1), [])
    const taken = join(history.folder, '20261122T000200Z-00000002.html')
    // A folder where the page should be: no rename takes its place.
    const blocked = new DrillHistory(taken)
    await blocked.save(drillAt(1), [])
    await expect(history.save(drillAt(2), [])).rejects.toThrow('EISDIR')
    expect(readdirSync(history.folder).filter((name) => name.startsWith('.'))).toEqual([])
    expect((await history.list(null)).map(({ run }) => run)).toEqual(['00000001'])
  })

  it('lie beside the journals', () => {
    expect(drillFolder({ XDG_STATE_HOME: '/state' })).toBe('/state/gw/drills')
    expect(drillFolder({ HOME: '/home/alice' })).toBe('/home/alice/.local/state/gw/drills')
  })
})

describe('the file of a drill', () => {
  it('comes back with texts that are safe to print', () => {
    fc.assert(
      fc.property(hostileDrill, (drill) => {
        const read = parseDrill(drillLines(drill))
        expect(read?.environment).toBe(cleanLine(drill.environment))
        expect(JSON.stringify(read)).toBe(JSON.stringify(parseDrill(drillLines(read ?? drill))))
        expect(parseDrillHead(drillLines(drill))?.scenarios.length).toBe(drill.scenarios.length)
      }),
    )
  })

  it('makes no sense with anything in it exchanged for something of another kind', () => {
    const head = JSON.parse(drillLines(DRILL).split('\n')[0] ?? '') as Record<string, unknown>
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(head)),
        fc.constantFrom(undefined, null, -1, [null], {}, true),
        (name, value) => {
          const line = JSON.stringify({ ...head, [name]: value })
          expect(parseDrillHead(`${line}\n`)).toBeNull()
        },
      ),
    )
  })

  it('never breaks the reading', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (head, requests) => {
        const content = `${JSON.stringify(head)}\n${JSON.stringify(requests)}\n`
        expect(parseDrill(content)).toBeNull()
      }),
    )
  })
})
