import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { GwError } from '../../src/errors.js'
import { loadPairs, temporaryFolder } from './folder.js'
import type { Contents } from './folder.js'
import { ALGORITHM_REFUSALS, CHAIN_REFUSALS, FILE_AND_NAME_REFUSALS, KEY_REFUSALS } from './refusals.js'
import type { Refusal } from './refusals.js'

async function refusalOf(files: Refusal['files']): Promise<{ error: GwError; message: string }> {
  const contents = await files()
  const pairs = 'certificate' in contents ? [contents] : contents
  const folder = await temporaryFolder()
  const error: unknown = await loadPairs(folder, pairs).catch((cause: unknown) => cause)
  if (!(error instanceof GwError)) throw new TypeError(`was accepted, or failed with ${inspect(error)}`)
  expectWithoutKeys(error, pairs)
  return { error, message: placeless(error.message, folder) }
}

function placeless(message: string, folder: string): string {
  return message
    .replaceAll(`${folder}/1.crt`, '<crt>')
    .replaceAll(`${folder}/1.key`, '<key>')
    .replaceAll(`${folder}/2.crt`, '<other>')
}

/** No line of a key in anything that an error can be turned into. */
function expectWithoutKeys(error: GwError, pairs: readonly Contents[]): void {
  const { message, stack = '', nextSteps } = error
  const shown = [inspect(error, { depth: 10, showHidden: true }), stack, message, ...nextSteps]
  shown.push(JSON.stringify(error), JSON.stringify(Object.entries(error)))
  const lines = pairs
    .flatMap(({ key }) => key.split('\n'))
    .filter((line) => /^[A-Za-z0-9+/=]{8,}$/.test(line))
  for (const line of lines) expect(shown.join('\n')).not.toContain(line)
}

describe('a gateway is not given', () => {
  test.each([...FILE_AND_NAME_REFUSALS, ...ALGORITHM_REFUSALS, ...CHAIN_REFUSALS, ...KEY_REFUSALS])(
    '$title',
    async ({ files, message: expected }) => {
      const { error, message } = await refusalOf(files)
      expect(message).toBe(expected)
      expect(error).toMatchObject({ code: 'CERTIFICATE_INVALID', exitCode: 2, cause: undefined })
      expect(error.nextSteps.length).toBeGreaterThan(0)
    },
  )
})
