import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Config } from '@oclif/core'
import { describe, expect, it } from 'vitest'
import { envelope, exitCodeOf, type CommandResult } from '../../src/cli/result.js'
import { referenceText, type CommandInfo } from '../../src/cli/reference.js'
import { ERROR_EXIT_CODES, EXIT, GwError } from '../../src/errors.js'
import { ROOT } from '../root.js'

// What users build on. A change here is a change for them: it belongs into CHANGELOG.md.

const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, CommandInfo>
}

describe('the stable surface', () => {
  it('has these commands, arguments and flags', () => {
    const surface = Object.values(manifest.commands).map(({ id, args, flags }) =>
      [
        id,
        ...Object.keys(args).map((name) => name.toUpperCase()),
        ...Object.keys(flags).map((name) => `--${name}`),
      ].join(' '),
    )
    expect(surface.sort()).toMatchSnapshot()
  })

  it('has these error codes, each with its exit code', () => {
    expect(ERROR_EXIT_CODES).toMatchSnapshot()
  })

  it('gives every command a summary or description and an example with long flags', () => {
    for (const { summary, description, examples } of Object.values(manifest.commands)) {
      expect(summary ?? description).toBeTruthy()
      expect(examples?.length).toBeGreaterThan(0)
    }
  })

  it('is what docs/reference.md says', () => {
    expect(readFileSync(join(ROOT, 'docs/reference.md'), 'utf8')).toBe(referenceText(manifest.commands))
  })

  it('is loaded by the framework', async () => {
    const config = await Config.load(ROOT)
    expect(config.commandIDs).toEqual(expect.arrayContaining(Object.keys(manifest.commands)))
  })
})

describe('the object of --json', () => {
  const failed: CommandResult = {
    exitCode: EXIT.hostFailed,
    environment: 'lab',
    text: 'not in it',
    run: '1234abcd',
    hosts: { 'gw-1': { outcome: 'failed', changes: [{ task: 't', summary: 's', diff: 'd' }] } },
    errors: [
      new GwError('TASK_FAILED', 'm', {
        host: 'gw-1',
        at: { file: 'f', line: 1, column: 2 },
        nextSteps: ['n'],
      }),
    ],
    data: { changed: 0, release: null },
  }
  const succeeded: CommandResult = { exitCode: EXIT.done, environment: null, text: '' }

  it('has the keys that its published schema names, on success and on failure', () => {
    const schema = JSON.parse(readFileSync(join(ROOT, 'docs/output.schema.json'), 'utf8')) as {
      required: string[]
      properties: Record<string, unknown>
    }
    expect(Object.keys(envelope('deploy', succeeded, 1))).toEqual(schema.required)
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(Object.keys(envelope('deploy', failed, 1))),
    )
  })

  it('gets no key from any command that the schema does not name', async () => {
    const { properties } = JSON.parse(readFileSync(join(ROOT, 'docs/output.schema.json'), 'utf8')) as {
      properties: object
    }
    const config = await Config.load(ROOT)
    for (const { id } of Object.values(manifest.commands)) {
      const Command = await config.findCommand(id, { must: true }).load()
      const added = Reflect.get(Reflect.construct(Command, [[], config]) as object, 'blank') as object
      expect(Object.keys(properties), id).toEqual(expect.arrayContaining(Object.keys(added)))
    }
  })

  it('looks like this', () => {
    expect(envelope('deploy', failed, 12.4)).toMatchSnapshot()
    expect(envelope('plan', succeeded, 0)).toMatchSnapshot()
  })
})

describe('the exit code of a run', () => {
  const base = {
    ...{ run: 'r', check: false, interrupted: false, declined: false, ms: 0 },
    ...{ release: null, before: {}, end: 'untouched' as const },
  } as const
  const errors = {
    failed: new GwError('TASK_FAILED', 'm'),
    unreachable: new GwError('CONNECTION_REFUSED', 'm'),
  }
  const host = (outcome: 'ok' | 'changed' | keyof typeof errors) => {
    const error = outcome === 'failed' || outcome === 'unreachable' ? errors[outcome] : null
    return { host: outcome, outcome, tasks: [], error }
  }

  it.each([
    ['nothing to do', { ...base, hosts: [host('ok')] }, 0, EXIT.done],
    ['changes made', { ...base, hosts: [host('changed')] }, 2, EXIT.done],
    ['changes found', { ...base, check: true, hosts: [host('changed')] }, 2, EXIT.changesFound],
    [
      'a failed host beside an unreachable one',
      { ...base, hosts: [host('failed'), host('unreachable')] },
      0,
      EXIT.hostFailed,
    ],
    [
      'an unreachable host beside changes',
      { ...base, check: true, hosts: [host('changed'), host('unreachable')] },
      1,
      EXIT.unreachable,
    ],
    [
      'a fleet that went back as a whole',
      { ...base, end: 'reverted', hosts: [host('failed')] },
      1,
      EXIT.rolledBack,
    ],
    ['an interrupt', { ...base, interrupted: true, hosts: [host('failed')] }, 0, EXIT.interrupted],
    ['a plan that was declined', { ...base, declined: true, hosts: [host('ok')] }, 0, EXIT.interrupted],
  ] as const)('says %s', (_title, report, changed, code) => {
    expect(exitCodeOf(report, changed)).toBe(code)
  })
})
