import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectDir } from '../../src/lab/project-dir.js'
import { gw, variantInventory } from './fixtures/gw.js'
import { ownLab } from './fixtures/lab.js'

/** What a person sees and answers, on a real terminal of 100 columns. */

const lab = ownLab()
const run = promisify(execFile)

async function tmux(...words: string[]): Promise<string> {
  return (await run('tmux', ['-L', `gw-${lab.name}`, ...words])).stdout
}

async function screen(): Promise<string> {
  return tmux('capture-pane', '-p', '-t', 'gw')
}

/** Types a gw command; its exit code is printed behind it. Nothing is left on the screen of the one before. */
async function type(args: readonly string[]): Promise<void> {
  await tmux('send-keys', '-R', '-t', 'gw')
  const words = [process.execPath, join(projectDir(), 'bin/run.js'), ...args].join(' ')
  await tmux('send-keys', '-t', 'gw', `${words}; echo "exit=$?"`, 'Enter')
}

async function shows(text: string | RegExp): Promise<string> {
  await expect.poll(screen, { timeout: 60_000, interval: 50 }).toMatch(text)
  return screen()
}

beforeAll(async () => {
  expect((await gw(['deploy', lab.inventory])).status).toBe(0)
  const shell = ['env', '-u', 'CI', '-u', 'NO_COLOR', 'TERM=xterm-256color', 'sh']
  await tmux('new-session', '-d', '-s', 'gw', '-x', '100', '-y', '100', '-c', projectDir(), ...shell)
})

afterAll(() => tmux('kill-server'))

describe('a terminal', () => {
  it('shows the plan, each host as it is worked on, and the recap', async () => {
    const changed = variantInventory({ gateway: { pools: { admin: { keepalive: 31 } } } })
    await type(['deploy', changed])
    const seen = await shows(/exit=0/)
    expect(seen).toMatch(/^ +-.*keepalive 32;$/m)
    expect(seen).toMatch(/^ +\+.*keepalive 31;$/m)
    expect(seen).toMatch(
      /^Stage\n(✔ gw-\d {2}1 changed \(\d+\.\d s\)\n){2}Publish\n(✔ gw-\d {2}Confirm it\n){2}gw-1/m,
    )
    expect(seen).toMatch(/^gw-2 +changed +ok=\d+ changed=2 skipped=0 failed=0$/m)
  })

  it('takes no for an answer and changes nothing', async () => {
    const asking = variantInventory({ confirm: 'yes' })
    await type(['deploy', asking])
    await shows(/Apply these changes to .*\?/)
    await tmux('send-keys', '-t', 'gw', 'n', 'Enter')
    expect(await shows(/exit=130/)).toContain('Nothing was changed.')
    expect((await gw(['plan', asking])).status).toBe(8)
  })

  it('goes on when the name of the environment is typed, where one must be', async () => {
    const strict = variantInventory({ confirm: 'name' })
    const name = strict.replace(/^.*\//, '').replace(/\.yml$/, '')
    await type(['deploy', strict])
    await shows(/to go on:/)
    await tmux('send-keys', '-t', 'gw', name, 'Enter')
    await shows(/exit=0/)
    expect((await gw(['plan', strict])).status).toBe(0)
  })

  it('is left in order by Ctrl-C at a question', async () => {
    const asking = variantInventory({ confirm: 'yes', gateway: { pools: { admin: { keepalive: 30 } } } })
    await type(['deploy', asking])
    await shows(/Apply these changes to .*\?/)
    await tmux('send-keys', '-t', 'gw', 'C-c')
    expect(await shows(/exit=130/)).toContain('nothing was changed')
    expect(await tmux('display-message', '-p', '-t', 'gw', '#{cursor_flag}')).toBe('1\n')
  })
})
