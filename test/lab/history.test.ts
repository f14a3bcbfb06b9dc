import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { gw, startGw } from './fixtures/gw.js'
import { hostSays, onHost } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { playbookFile } from './fixtures/playbook-file.js'

const lab = ownLab()
const HOST = 'admin-1'
/** Where a run is killed: it leaves its lock there. */
const LEFT = 'admin-2'
const SECRET = 'sentinel-of-a-file'

/** A home of their own for the journals of a test. */
function freshState(): { XDG_STATE_HOME: string } {
  return { XDG_STATE_HOME: join(lab.stateDir, `state-${randomUUID().slice(0, 8)}`) }
}

interface Run {
  readonly run: string
  readonly events: readonly { readonly type: string; readonly task?: string; readonly outcome?: string }[]
}

async function runs(env: { XDG_STATE_HOME: string }, ...words: string[]): Promise<Run[]> {
  return (await gw(['history', ...words, '--json'], { env })).json()['runs'] as Run[]
}

describe('gw history', () => {
  it('shows a run with its tasks, and nothing of the contents that it wrote', async () => {
    const env = freshState()
    const path = `/tmp/gw-test-${randomUUID()}`
    const book = playbookFile(HOST, [`task('Write', file({ path: '${path}', content: '${SECRET}' }))`])
    const { run } = (await gw(['run', book, lab.inventory, '--yes', '--json'], { env })).json()
    await gw(['run', book, lab.inventory, '--check'], { env })
    const listed = await runs(env)
    expect(listed).toMatchObject([
      { run, environment: lab.name, hosts: [HOST], exitCode: 0, changed: 1, release: null, error: null },
    ])
    const [shown] = await runs(env, run?.slice(0, 4) ?? '')
    expect(shown?.events).toContainEqual(
      expect.objectContaining({ type: 'task.ended', host: HOST, task: 'Write', outcome: 'changed' }),
    )
    expect(JSON.stringify(shown)).not.toContain(SECRET)
  })

  it('shows a run that was killed as one that did not end here, with the task that it was at', async () => {
    const env = freshState()
    const begun = `/tmp/gw-test-${randomUUID()}`
    const slow = `task('Wait', command({ name: 'Wait', script: sh\`touch ${begun}; sleep 3\` }))`
    const running = startGw(['run', playbookFile(LEFT, [slow]), lab.inventory, '--yes'], { env })
    await vi.waitFor(
      async () => {
        expect((await onHost(LEFT, `ls ${begun}`)).status).toBe(0)
      },
      { timeout: 15_000 },
    )
    running.kill('SIGKILL')
    await running.ended
    const { stdout } = await gw(['history'], { env })
    expect(stdout).toContain('did not end here')
    const [{ run } = { run: '' }] = await runs(env)
    const detail = await gw(['history', run], { env })
    expect(detail.stdout).toMatch(/begun +Wait: how it ended is not known here/)
    await hostSays(LEFT, `rm -rf ${begun} /var/lib/gw/lock`)
  })

  it('is left without a run, with a warning, when its journal cannot be written', async () => {
    const { XDG_STATE_HOME } = freshState()
    writeFileSync(XDG_STATE_HOME, 'a file where the folder should be')
    const book = playbookFile(HOST, [`task('Say', command({ name: 'Say', script: sh\`true\` }))`])
    const { status, stderr } = await gw(['run', book, lab.inventory, '--yes'], { env: { XDG_STATE_HOME } })
    expect(status).toBe(0)
    expect(stderr).toContain('Warning the journal of this run cannot be written')
  })
})
