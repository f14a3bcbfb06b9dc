import { describe, expect, it } from 'vitest'
import { healthText } from '../../src/ui/health-text.js'
import { FakeTerminal } from '../fakes/terminal.js'
import { outputFile, VIEWS } from './health-cases.js'

const plain = new FakeTerminal().paintOut

describe('the health of an environment, when', () => {
  it.each(VIEWS)('%s, is shown like this', async (title, view) => {
    await expect(`${healthText(view, plain)}\n`).toMatchFileSnapshot(outputFile(title, 'table.txt'))
  })
})
