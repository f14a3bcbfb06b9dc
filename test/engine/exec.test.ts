import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { execOnHosts, type ExecReport } from '../../src/engine/exec.js'
import { Secret } from '../../src/model/secret.js'
import { sh, type Script } from '../../src/shell/script.js'
import { LocalDriver } from '../fakes/local-driver.js'
import { testHost } from './fixtures.js'

/** Runs a script on one host; `stop` fires when the script has printed something. */
async function exec(
  script: Script,
  { deadlineMs = 10_000, stopAtOutput = false } = {},
): Promise<ExecReport & { output: string }> {
  const stop = new AbortController()
  let output = ''
  const [report] = await execOnHosts([testHost('h1')], script, {
    reach: { driver: new LocalDriver(), resolveSecret: () => Promise.resolve(new Secret('unused')) },
    forks: 1,
    deadlineMs,
    maxOutputBytes: 10_000,
    onOutput: (_host, _stream, bytes) => {
      output += Buffer.from(bytes).toString()
      if (stopAtOutput) stop.abort()
    },
    stop: stop.signal,
    abandon: new AbortController().signal,
  })
  if (report === undefined) throw new Error('no report')
  return { ...report, output }
}

/** Prints the process that would outlive a channel that is merely closed, then waits for it. */
const lasting = sh`sleep 600 & echo "$!"; wait`

/** A process that has ended but that nobody has asked about yet is still listed, as a zombie. */
function isRunning(pid: string): boolean {
  const stat = `/proc/${pid}/stat`
  return existsSync(stat) && !/^\d+ \(.*\) Z/.test(readFileSync(stat, 'utf8'))
}

describe('a command on a host', () => {
  it('ends with its own status', async () => {
    expect(await exec(sh`exit 7`)).toMatchObject({
      status: 7,
      error: { code: 'COMMAND_FAILED', exitCode: 3 },
    })
    expect(await exec(sh`printf 'no newline'`)).toMatchObject({
      status: 0,
      error: null,
      output: 'no newline',
    })
  })

  it('is ended on the host, with all that it started, when it takes too long', async () => {
    const { error, output } = await exec(lasting, { deadlineMs: 500 })
    expect(error).toMatchObject({ code: 'COMMAND_TIMED_OUT', exitCode: 3 })
    expect(isRunning(output.trim())).toBe(false)
  })

  it('is ended on the host when a stop is asked for', async () => {
    const { error, output } = await exec(lasting, { stopAtOutput: true })
    expect(error).toMatchObject({
      code: 'INTERRUPTED',
      message: 'interrupted; the command was ended on the host',
    })
    expect(isRunning(output.trim())).toBe(false)
  })
})
