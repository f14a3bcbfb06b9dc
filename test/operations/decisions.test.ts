import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { type OperationCase, decideCase, describeDecision } from './operation-case.js'

const CASES = new URL('../cases/operations/', import.meta.url)

describe.each(readdirSync(CASES))('the operation %s', (operation) => {
  const titles = readdirSync(new URL(`${operation}/`, CASES))
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.replace(/\.json$/, ''))

  it.each(titles)('decides: %s', async (title) => {
    const path = fileURLToPath(new URL(`${operation}/${title}`, CASES))
    const given = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as OperationCase

    const decision = decideCase(operation, given)

    expect(describeDecision(decision)).toEqual(given.decision)
    if (decision.kind === 'change')
      await expect(`${decision.script.text}\n`).toMatchFileSnapshot(`${path}.sh`)
    // A run in which nothing changes must still say why.
    else expect(decision.reason).not.toBe('')
  })
})

describe('the scripts of the operations', () => {
  it('are clean POSIX shell in the eyes of shellcheck', () => {
    const scripts = readdirSync(CASES).flatMap((operation) =>
      readdirSync(new URL(`${operation}/`, CASES))
        .filter((name) => name.endsWith('.sh'))
        .map((name) => fileURLToPath(new URL(`${operation}/${name}`, CASES))),
    )
    // SC3013: -ef stands in POSIX since 2024, and dash has long had it. SC2016: an awk program and a user's text between
    // single quotes are meant as they stand. SC1003: so is a quoted backslash.
    const args = ['--shell=sh', '--exclude=SC3013,SC2016,SC1003', '--format=gcc', ...scripts]

    const { stdout, status } = spawnSync('shellcheck', args, { encoding: 'utf8' })

    expect(stdout).toBe('')
    expect(status).toBe(0)
  }, 60_000)
})
