import { Config, Flags, Parser } from '@oclif/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstSentence } from '../../src/cli/base-command.js'
import { splitAtDashes } from '../../src/cli/passed-words.js'
import { ROOT } from '../root.js'

describe('words to pass on', () => {
  it('are those behind the first --, in their order, whatever they are', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('--', '--json', '-v', ''))
    const own = fc.array(word.filter((text) => text !== '--'))
    fc.assert(
      fc.property(own, fc.array(word), (before, behind) => {
        expect(splitAtDashes([...before, '--', ...behind])).toEqual({ own: before, passed: behind })
        expect(splitAtDashes(before)).toEqual({ own: before, passed: [] })
      }),
    )
  })
})

describe('the arguments of the commands', () => {
  it('are never read from standard input', async () => {
    const { commands } = await Config.load(ROOT)
    const reading = await Promise.all(
      commands.map(async (command) => {
        const { args } = await command.load()
        return Object.entries(args).flatMap(([name, { ignoreStdin }]) =>
          ignoreStdin === true ? [] : [`${command.id} ${name}`],
        )
      }),
    )
    expect(reading.flat()).toEqual([])
  })

  it.each([
    [['--one'], 'all of the following must be provided when using --one: --two'],
    [['--three'], 'nonexistent flag: --three'],
  ])('are refused in one sentence: %s', async (argv, sentence) => {
    const flags = { one: Flags.boolean({ dependsOn: ['two'] }), two: Flags.boolean() }
    const error: unknown = await Parser.parse(argv, { flags }).catch((reason: unknown) => reason)
    expect(firstSentence((error as Error).message)).toBe(sentence)
  })
})
