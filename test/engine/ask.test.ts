import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askHosts } from '../../src/engine/ask.js'
import { ask, type Answers, type Fact } from '../../src/facts/fact.js'
import { Secret } from '../../src/model/secret.js'
import { GatheringDriver } from '../fakes/gathering-driver.js'
import { LocalDriver } from '../fakes/local-driver.js'
import { firstLine, testHost } from './fixtures.js'

const HOSTS = ['h1', 'h2', 'h3', 'h4'].map((name) => testHost(name))

/** A fact whose answer is never what its parser wants. */
const senseless: Fact<string, string> = {
  ...firstLine,
  name: 'senseless',
  parse: () => {
    throw new Error('no sense')
  },
}

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gw-ask-'))
  for (const { name } of HOSTS) writeFileSync(join(folder, name), `I am ${name}\n`)
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function optionsWith(driver: LocalDriver | GatheringDriver, signal = new AbortController().signal) {
  const resolveSecret = () => Promise.resolve(new Secret('unused'))
  return { reach: { driver, resolveSecret }, forks: 2, signal }
}

describe('asking hosts', () => {
  it('gives each its own questions, as many at once as forks says', async () => {
    const driver = new GatheringDriver(new LocalDriver(), 2)
    const question = ({ name }: { name: string }) => ask(firstLine, join(folder, name))
    const answers = await askHosts(HOSTS, (host) => [question(host)], optionsWith(driver))
    const said = HOSTS.map((host) => (answers.get(host.name) as Answers).to(question(host)))
    expect(said).toEqual(['I am h1', 'I am h2', 'I am h3', 'I am h4'])
    expect([...answers.keys()]).toEqual(['h1', 'h2', 'h3', 'h4'])
    expect(driver.most).toBe(2)
  })

  it('has the error of a host in place of its answers, and the answers of the others', async () => {
    const good = ask(firstLine, join(folder, 'h1'))
    const bad = ask(senseless, join(folder, 'h1'))
    const questionsFor = ({ name }: { name: string }) => (name === 'h2' ? [bad] : [good])
    const answers = await askHosts(HOSTS, questionsFor, optionsWith(new LocalDriver()))
    expect(answers.get('h2')).toMatchObject({ code: 'REPLY_GARBLED', host: 'h2' })
    const others = ['h1', 'h3', 'h4'].map((name) => (answers.get(name) as Answers).to(good))
    expect(others).toEqual(['I am h1', 'I am h1', 'I am h1'])
  })

  it('ends at once when it is told to', async () => {
    const stop = new AbortController()
    const driver = new LocalDriver()
    driver.prepare = () => {
      setImmediate(() => {
        stop.abort()
      })
      return 'exec sleep 600'
    }
    const question = ask(firstLine, join(folder, 'h1'))
    const answers = await askHosts(HOSTS.slice(0, 1), () => [question], optionsWith(driver, stop.signal))
    expect(answers.get('h1')).toMatchObject({ code: 'INTERRUPTED' })
  })
})
