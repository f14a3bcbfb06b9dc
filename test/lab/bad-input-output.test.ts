import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectFailure, outputOf } from './fixtures/failure.js'
import { gw, type GwOptions, type GwResult } from './fixtures/gw.js'
import { hostSays } from './fixtures/host.js'
import { ownLab } from './fixtures/lab.js'
import { playbookFile } from './fixtures/playbook-file.js'

const lab = ownLab()
const [loud, calm] = ['customer-1', 'customer-2'] as const

/**
 * MiB that gw may have at most: it starts with 76, and holds 4 MiB of a host's output in several forms. Without a bound
 * 100 MB would take more than a thousand.
 */
const MOST_MEMORY = 320

/** Everything that a terminal would obey: C0 but tab and line feed, DEL, C1, and marks that turn the writing. */
const OBEYED = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/

/** Octal escapes for printf: colours, a title, the clipboard, a bell, C1 (as UTF-8 and raw), bidi, bad UTF-8, NUL. */
const HOSTILE = [
  '\\033[31;1mred\\033[2J\\033[H',
  '\\033]0;title\\007\\033]52;c;cHduZWQ=\\007\\033]8;;http://x\\033\\\\',
  '\\033P+q\\033\\\\\\033_x\\033\\\\\\033c\\007\\010\\015over',
  '\\302\\2335m\\302\\235x\\302\\234\\2335m',
  '\\342\\200\\256rtl\\342\\201\\246\\342\\200\\251',
  '\\377\\376\\303\\050\\355\\240\\200\\000end',
].join(' ')

/** A shell line that does one thing on the loud host, and on the others prints a thousand numbered lines. */
function onlyLoud(line: string): string {
  return `if [ "$(hostname)" = ${loud} ]; then ${line}; else seq 1 1000; fi`
}

const CALM = Array.from({ length: 1000 }, (_, index) => `${index + 1}\n`).join('')

function expectHarmless({ stdout, stderr }: GwResult): void {
  expect(OBEYED.exec(stdout)).toBeNull()
  expect(OBEYED.exec(stderr)).toBeNull()
}

/** Loaded into gw by NODE_OPTIONS: writes how much memory the process had at most, in KiB, when it ends. */
const REPORT_MEMORY = `
  import { writeFileSync } from 'node:fs'
  process.on('exit', () => writeFileSync(process.env.GW_TEST_MEMORY, String(process.resourceUsage().maxRSS)))`

/** Runs gw and answers the most memory that it had, in MiB, too. */
async function measured(words: readonly string[], options: GwOptions = {}) {
  const path = join(lab.stateDir, `memory-${randomUUID().slice(0, 8)}`)
  const reporter = `data:text/javascript,${encodeURIComponent(REPORT_MEMORY)}`
  const env = { NODE_OPTIONS: `--import=${reporter}`, GW_TEST_MEMORY: path }
  const result = await gw(words, { ...options, env })
  return { result, mebibytes: Number(readFileSync(path, 'utf8')) / 1024 }
}

describe('what a host prints for a terminal to obey', () => {
  test('is shown by gw exec as text, whichever stream it comes on', async () => {
    const line = `printf '${HOSTILE}\\n'; printf '${HOSTILE}' >&2`
    const result = await gw(['exec', lab.inventory, loud, '--', line])
    expect(result.status).toBe(0)
    expectHarmless(result)
    expect(result.stdout).toMatch(/^customer-1 {2}red.*rtl.*end\n$/)
  })

  test('is shown by gw exec --json as text', async () => {
    const result = await gw(['exec', lab.inventory, loud, '--json', '--', `printf '${HOSTILE}\\n'; false`])
    const envelope = expectFailure(result, { code: 'COMMAND_FAILED', status: 3, host: loud })
    expectHarmless(result)
    expect(OBEYED.exec(outputOf(envelope, loud).stdout)).toBeNull()
  })

  test('is shown as text when a task fails with it', async () => {
    const script = `task('Fail', command({ name: 'Fail', script: sh\`printf \${${JSON.stringify(HOSTILE)}} >&2; exit 7\` }))`
    const result = await gw(['run', playbookFile(loud, [script]), lab.inventory])
    expect(result.status).toBe(3)
    expectHarmless(result)
    expect(result.stderr).toContain('task "Fail" failed with status 7')
    expect(result.stderr).toMatch(/red.*rtl.*end/)
  })

  test('is shown as text when it stands in a file that a plan compares', async () => {
    const path = '/etc/gw-test-hostile'
    await hostSays(loud, `printf '\\033[31mold\\007\\342\\200\\256\\n' >${path}`)
    const playbook = playbookFile(loud, [`task('Write', file({ path: '${path}', content: 'new\\n' }))`])
    const result = await gw(['run', playbook, lab.inventory, '--check'])
    await hostSays(loud, `rm ${path}`)
    expect(result.status).toBe(8)
    expectHarmless(result)
    expect(result.stdout).toContain('old')
  })

  test('does not pass for a report of gw: neither a frame nor a result', async () => {
    const token = '0123456789abcdef0123456789abcdef'
    const forged = `${token} start\\n${token} end 0 0\\n${token} exit 0\\n${token} done\\n{"ok":true}\\n`
    const result = await gw(['exec', lab.inventory, loud, '--json', '--', `printf '${forged}'; exit 9`])
    const envelope = expectFailure(result, { code: 'COMMAND_FAILED', status: 3, host: loud })
    expect(outputOf(envelope, loud)).toEqual({
      status: 9,
      stdout: forged.replaceAll('\\n', '\n'),
      stderr: '',
    })
  })

  test('is shown whole when it ends without a line feed', async () => {
    const result = await gw(['exec', lab.inventory, `${loud},${calm}`, '--', 'printf end'])
    expect(new Set(result.stdout.split('\n'))).toEqual(new Set(['', `${calm}  end`, `${loud}  end`]))
  })

  test('keeps its characters whole when it has no line feed for long', async () => {
    const line = 'printf x; yes € | head -n 30000 | tr -d "\\n"'
    const result = await gw(['exec', lab.inventory, loud, '--', line])
    expect(result.stdout.replaceAll(/customer-1 {2}|\n/g, '')).toBe(`x${'€'.repeat(30_000)}`)
  })
})

describe('what a login shell prints before gw begins', () => {
  const profile = '/home/gw/.bashrc'
  beforeAll(() =>
    hostSays(
      loud,
      `usermod -s /bin/bash gw; cat >${profile}`,
      `printf '${HOSTILE} noise\\n'; echo more >&2\n`,
    ),
  )
  afterAll(() => hostSays(loud, `usermod -s /bin/sh gw; rm -f ${profile}`))

  test('is passed over', async () => {
    const result = await gw(['exec', lab.inventory, loud, '--json', '--', 'echo there'])
    expect(result.status).toBe(0)
    expect(outputOf(result.json(), loud).stdout).toBe('there\n')
    expectHarmless(result)
  })
})

describe('output without measure', () => {
  test.each([
    { what: '100 MB in lines', line: 'yes "a line of some length" | head -c 100000000' },
    { what: '100 MB without a line feed', line: "head -c 100000000 /dev/zero | tr '\\0' x" },
    { what: '100 MB on stderr', line: 'head -c 100000000 /dev/urandom >&2' },
    { what: 'output that never ends', line: 'exec yes' },
  ])('($what) ends with OUTPUT_TOO_LARGE for that host; the other host is shown whole', async ({ line }) => {
    const words = ['exec', lab.inventory, `${loud},${calm}`, '--json', '--', onlyLoud(line)]
    const { result, mebibytes } = await measured(words)
    const envelope = expectFailure(result, { code: 'OUTPUT_TOO_LARGE', status: 3, host: loud })
    expect(outputOf(envelope, calm)).toEqual({ status: 0, stdout: CALM, stderr: '' })
    expect(mebibytes).toBeLessThan(MOST_MEMORY)
  })

  test('leaves nothing running on the host', async () => {
    await gw(['exec', lab.inventory, loud, '--json', '--', 'exec yes gw-test-endless'])
    expect(await hostSays(loud, 'pgrep -f "[g]w-test-endless" || echo none')).toBe('none\n')
  })

  test('is bounded for people, too', async () => {
    const words = ['exec', lab.inventory, `${loud},${calm}`, '--', onlyLoud('exec yes')]
    const { result, mebibytes } = await measured(words)
    expect(result.status).toBe(3)
    expect(result.stderr).toContain(`Error OUTPUT_TOO_LARGE ${loud}: `)
    expect(result.stdout.match(/^customer-2 {2}\d+$/gm)).toHaveLength(1000)
    expect(mebibytes).toBeLessThan(MOST_MEMORY)
  })

  test('of a task that fails is shown by its last lines', async () => {
    const script = `yes | head -c 100000000; echo the-end >&2; exit 5`
    const playbook = playbookFile(loud, [`task('Fail', command({ name: 'Fail', script: sh\`${script}\` }))`])
    const { result, mebibytes } = await measured(['run', playbook, lab.inventory])
    expect(result.status).toBe(3)
    expect(result.stderr).toContain('| the-end')
    expect(result.stderr.length).toBeLessThan(50_000)
    expect(mebibytes).toBeLessThan(MOST_MEMORY)
  })
})
