import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { failoverJson } from '../../src/cli/failover-json.js'
import { failoverText, failoverWarnings, type FailoverView } from '../../src/cli/failover-text.js'
import type { Clients } from '../../src/drill/summary.js'
import type { Kind } from '../../src/drill/sample.js'

/** A view as a file has it; what it leaves out of clients is as usual. */
interface Case {
  readonly view: Omit<FailoverView, 'measured'> & {
    readonly measured: Omit<FailoverView['measured'], 'clients'> & {
      readonly clients: Readonly<Partial<Record<Kind, Partial<Clients>>>>
    }
  }
  readonly text: readonly string[]
  readonly warnings: readonly string[]
  readonly json: unknown
}

const FOLDER = new URL('../cases/failover/', import.meta.url)

const CASES = readdirSync(FOLDER).map((name) => [name.replace(/\.json$/, ''), readCase(name)] as const)

function readCase(name: string): Case {
  return JSON.parse(readFileSync(new URL(encodeURIComponent(name), FOLDER), 'utf8')) as Case
}

const QUIET = { ms: 10, fromMs: 400, toMs: 410, unknownMs: 0, isOver: true }

function viewOf({ view }: Case): FailoverView {
  const clients = Object.entries(view.measured.clients).map(([kind, figures]): Clients => ({
    ...{ kind: kind as Kind, sent: 200, failed: 0, failures: {}, unsent: 0, cut: 0, outage: null },
    ...{ p50Ms: 2.4, p99Ms: 4.6, slowestMs: 5.2, unknownMs: 0, nodes: ['gw-1', 'gw-2'], silence: QUIET },
    ...figures,
  }))
  return { ...view, measured: { ...view.measured, clients } }
}

describe('what is told of a failover', () => {
  it.each(CASES)('%s', (_title, own) => {
    const view = viewOf(own)
    expect(failoverText(view, (_style, text) => text).split('\n')).toEqual(own.text)
    expect(failoverWarnings(view)).toEqual(own.warnings)
    expect(failoverJson(view)).toEqual(own.json)
  })
})
