import { describe, expect, test } from 'vitest'
import { expectFailure } from './fixtures/failure.js'
import { gw } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { playbookFile, rawPlaybook } from './fixtures/playbook-file.js'

const { inventory } = ownLab()

describe.each([
  { what: 'cannot be read', text: 'const a = 1\nconst b = 1 +* 2\n', line: 2 },
  { what: 'throws while it loads', text: "const a = 1\n\nthrow new Error('early')\n", line: 3 },
  {
    what: 'throws while it lists its tasks',
    text: `import { playbook } from 'gw'
export default playbook({ name: 'x', plays: [{ name: 'P', hosts: 'admin', tasks: () => {
  throw new Error('late')
} }] })
`,
    line: 3,
  },
  { what: 'imports what is not there', text: "import './nothing.js'\n" },
  { what: 'exports nothing', text: 'const a = 1\n' },
  { what: 'exports something else', text: "export default { name: 'x' }\n" },
  {
    what: 'lists something else than tasks',
    text: "export default { name: 'x', plays: [{ name: 'P', hosts: 'admin', tasks: () => 7 }] }\n",
  },
])('a playbook that $what', (playbook) => {
  test('is refused with its place, before any host is reached', async () => {
    const file = rawPlaybook(playbook.text)
    const result = await gw(['run', file, inventory, '--yes', '--json'])
    const envelope = expectFailure(result, { code: 'PLAYBOOK_INVALID', status: 2 })
    expect(`${envelope.error?.message ?? ''} ${envelope.error?.nextSteps.join(' ') ?? ''}`).toContain(file)
    expect(envelope.error?.at?.line).toBe(playbook.line)
    expect(envelope.hosts).toEqual({})
  })
})

test('a playbook that is not there is refused', async () => {
  const result = await gw(['run', '/nonexistent/playbook.ts', inventory, '--json'])
  const envelope = expectFailure(result, { code: 'PLAYBOOK_INVALID', status: 2 })
  expect(envelope.error?.message).toContain('/nonexistent/playbook.ts')
})

test('a playbook that is right runs, with what it needs imported from gw', async () => {
  const file = playbookFile('admin-1', [`task('Write', file({ path: '/etc/gw-test-run', content: 'x\\n' }))`])
  expect((await gw(['run', file, inventory, '--yes', '--json'])).status).toBe(0)
  expect(await hostSays('admin-1', 'cat /etc/gw-test-run; rm /etc/gw-test-run')).toBe('x\n')
})
