import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { TcpRelay } from '../fakes/tcp-relay.js'
import { expectFailure } from './fixtures/failure.js'
import { gw, startGw, variantInventory, type GwResult } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { rawPlaybook } from './fixtures/playbook-file.js'
import { layRelay } from './fixtures/relay.js'

const [cut, whole] = ['customer-2', 'customer-3'] as const
const DIR = '/etc/gw-test-drop'
const SOON = { timeout: 15_000 }
/** Lines of a file; long enough to travel in several packets, different in every generation. */
const LINES = 600

let relay: TcpRelay
let inventory: string
let playbook: string

/** Brings two files to a generation, then makes a third of it by a command. */
function generations(): string {
  return rawPlaybook(`import { createHash } from 'node:crypto'
import { command, directory, file, play, playbook, sh, task } from 'gw'

const generation = process.env.GW_TEST_GENERATION ?? ''
const content = (name: string) => Array.from({ length: ${LINES} }, (_, line) =>
  \`\${generation} \${createHash('sha256').update(\`\${name} \${generation} \${line}\`).digest('hex')}\\n\`).join('')
export default playbook({
  name: 'generations',
  plays: [play({ name: 'Write', hosts: 'customer', tasks: () => [
    task('Folder', directory({ path: '${DIR}' })),
    task('One', file({ path: '${DIR}/one.conf', content: content('one') })),
    task('Two', file({ path: '${DIR}/two.conf', content: content('two') })),
    task('Three', command({ name: 'Three', unless: sh\`grep -qx \${generation} ${DIR}/three.conf\`,
      script: sh\`printf '%s\\n' \${generation} >${DIR}/.three && mv ${DIR}/.three ${DIR}/three.conf\` })),
  ] })],
})
`)
}

function run(generation: number, more: readonly string[] = ['--limit', cut]): Promise<GwResult> {
  const env = { GW_TEST_GENERATION: `g${generation}` }
  return gw(['run', playbook, inventory, '--yes', '--json', ...more], { env })
}

/** The generation of each file, for a file that is whole; anything else as it is. */
async function standing(): Promise<Record<string, string>> {
  const script = `cd ${DIR} && for file in * .[!.]*; do [ ! -f "$file" ] ||
    echo "$file $(cut -d' ' -f1 "$file" | sort | uniq -c | tr -s ' \\n' ' ')"; done`
  const rows = (await hostSays(cut, script)).trim().split('\n')
  return Object.fromEntries(
    rows.map((row) => {
      const [name = '', ...rest] = row.trim().split(' ')
      const counted = rest.join(' ').trim()
      return [name, counted.replace(new RegExp(`^${LINES} (g\\d+)$`), '$1').replace(/^1 (g\d+)$/, '$1')]
    }),
  )
}

beforeAll(async () => {
  const laid = await layRelay(cut)
  relay = laid.relay
  inventory = variantInventory(laid.changes)
  playbook = generations()
})
afterEach(() => {
  relay.rules.cutAfterBytes = Number.POSITIVE_INFINITY
  relay.rules.blackHole = false
})
afterAll(async () => {
  await relay.close()
  await hostSays(cut, `rm -rf ${DIR}`)
  await hostSays(whole, `rm -rf ${DIR}`)
})

describe('a connection that drops', () => {
  test('anywhere on the way leaves every file old or new, and the same command again finishes', async () => {
    await run(0)
    const before = relay.counts.bytesUp + relay.counts.bytesDown
    expect((await run(1)).status).toBe(0)
    const bytes = relay.counts.bytesUp + relay.counts.bytesDown - before
    // Login, which alone takes some 3.5 KB, facts and contents; then the reports of the tasks, which end the run.
    const cuts = [
      ...[0, 0.5].map((part) => Math.round(3600 + (bytes - 3600) * part)),
      ...[2500, 1500].map((left) => bytes - left),
    ]
    const outcomes = new Set<string>()
    let lost = 0
    for (const [index, cutAfterBytes] of cuts.entries()) {
      const [old, next] = [`g${index + 1}`, `g${index + 2}`]
      relay.rules.cutAfterBytes = cutAfterBytes
      const result = await run(index + 2)
      // A cut behind the last change meets a run that has nothing left to do there but to let its lock go.
      if (result.status !== 0) {
        const envelope = expectFailure(result, { code: 'CONNECTION_LOST', status: 4, host: cut })
        expect(envelope.hosts[cut]?.outcome).toBe('unreachable')
        lost += 1
      }
      await vi.waitFor(async () => {
        const { 'one.conf': one, 'two.conf': two, 'three.conf': three, ...others } = await standing()
        expect(others).toEqual({})
        for (const file of [one, two, three])
          expect(result.status === 0 ? [next] : [old, next]).toContain(file)
        outcomes.add(`${one === next} ${two === next} ${three === next}`)
      }, SOON)
      relay.rules.cutAfterBytes = Number.POSITIVE_INFINITY
      expect((await run(index + 2)).status).toBe(0)
      expect(await standing()).toEqual({ 'one.conf': next, 'two.conf': next, 'three.conf': next })
    }
    // The cuts did fall before and after changes.
    expect(outcomes.size).toBeGreaterThan(1)
    expect(lost).toBeGreaterThan(cuts.length / 2)
  })

  test('before the login is tried again, then told', async () => {
    relay.rules.cutAfterBytes = 1000
    expectFailure(await run(1), { code: 'DEADLINE_PASSED', status: 4, host: cut })
  })

  test('on one host in the middle of its changes lets the others finish theirs', async () => {
    await run(50)
    const before = relay.counts.bytesUp + relay.counts.bytesDown
    expect((await run(51)).status).toBe(0)
    const bytes = relay.counts.bytesUp + relay.counts.bytesDown - before
    relay.rules.cutAfterBytes = bytes - 20_000
    const result = await run(52, ['--limit', `${cut},${whole}`])
    const envelope = expectFailure(result, { code: 'CONNECTION_LOST', status: 4, host: cut })
    expect(envelope.hosts[whole]?.outcome).toBe('changed')
  })
})

describe('a network that swallows everything', () => {
  test('in the middle of a task ends the run, which says which task was running', async () => {
    const gated = rawPlaybook(`import { command, play, playbook, sh, task } from 'gw'
export default playbook({ name: 'gated', plays: [play({ name: 'Gated', hosts: '${cut}', tasks: () => [
  task('Wait', command({ name: 'Wait', script: sh\`until [ -e /tmp/gw-test-go ]; do sleep 0.1; done\` })),
  task('Go on', command({ name: 'Go on', script: sh\`touch /tmp/gw-test-went-on\` })),
] })] })
`)
    const running = startGw(['run', gated, inventory, '--yes'])
    await running.shows('[1/2] Wait')
    relay.rules.blackHole = true
    const { status, stderr } = await running.ended
    await hostSays(cut, 'touch /tmp/gw-test-go')
    expect(status).toBe(4)
    expect(stderr).toMatch(new RegExp(`Error (?:CONNECTION_LOST|DEADLINE_PASSED) ${cut}: `))
    expect(stderr).toContain('while task "Wait" was running; 0 of 2 changes on this host are done')
  })

  test('before the login ends after the connect timeout', async () => {
    relay.rules.blackHole = true
    expectFailure(await run(1), { code: 'DEADLINE_PASSED', status: 4, host: cut })
  })
})
