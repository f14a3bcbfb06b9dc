import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AUDIT_FILE } from '../../src/model/state-paths.js'
import { notifyScript } from '../../src/render/keepalived/notify.js'

/** The script run by a shell of this machine, with an audit file, a systemctl and a logger of the test's own. */

let dir: string
let audit: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gw-notify-'))
  audit = join(dir, 'log/gw/audit.jsonl')
  mkdirSync(join(dir, 'log'))
  stub('systemctl', `echo "$@" >>${dir}/systemctl.log; echo active`)
  stub('logger', `echo "$@" >>${dir}/logger.log`)
})

afterEach(() => {
  rmSync(dir, { recursive: true })
})

/** Puts a program of this name before the machine's own. */
function stub(name: string, script: string): void {
  writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(dir, name), 0o755)
}

/** Runs the script as keepalived does, with its strict umask, and answers how it ended. */
function notify(shell: string, args: readonly string[]) {
  const path = join(dir, 'vrrp-notify')
  writeFileSync(path, notifyScript().replaceAll(AUDIT_FILE, audit).replaceAll('/run/gw/', `${dir}/`))
  const command = `umask 0177; exec ${shell} ${path} "$@"`
  const env = { ...process.env, PATH: `${dir}:${process.env['PATH'] ?? ''}` }
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command, 'sh', ...args], {
    encoding: 'utf8',
    env,
  })
  return { status, stdout, stderr }
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1)
}

const SILENT = { status: 0, stdout: '', stderr: '' }

describe('the notify script', () => {
  it('is clean POSIX shell in the eyes of shellcheck', () => {
    const args = ['--shell=sh', '--format=gcc', '-']
    const { stdout, status } = spawnSync('shellcheck', args, { encoding: 'utf8', input: notifyScript() })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })
})

describe.each(['sh', 'dash'])('the notify script, run by %s', (shell) => {
  it('writes a line of JSON and a line of syslog for a change', () => {
    expect(notify(shell, ['INSTANCE', 'gateway', 'MASTER', '100'])).toEqual(SILENT)
    expect(notify(shell, ['INSTANCE', 'gateway', 'BACKUP', '100'])).toEqual(SILENT)
    const [first, second] = linesOf(audit).map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(first).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      host: hostname(),
      event: 'vrrp',
      instance: 'gateway',
      state: 'MASTER',
      priority: 100,
      nginx: 'active',
      answers: null,
    })
    expect(second).toMatchObject({ state: 'BACKUP' })
    expect(linesOf(join(dir, 'logger.log'))).toEqual([
      '-t gw-vrrp -p daemon.notice -- VRRP instance gateway is MASTER (priority 100, nginx active)',
      '-t gw-vrrp -p daemon.notice -- VRRP instance gateway is BACKUP (priority 100, nginx active)',
    ])
    expect(linesOf(join(dir, 'systemctl.log'))).toEqual(Array(2).fill('is-active nginx.service'))
  })

  it('makes its folder 0755 and its file 0640, and leaves those that are there as they are', () => {
    notify(shell, ['INSTANCE', 'gateway', 'MASTER', '100'])
    expect(statSync(join(audit, '..')).mode & 0o777).toBe(0o755)
    expect(statSync(audit).mode & 0o777).toBe(0o640)
    chmodSync(audit, 0o600)
    notify(shell, ['INSTANCE', 'gateway', 'BACKUP', '100'])
    expect(statSync(audit).mode & 0o777).toBe(0o600)
    expect(linesOf(audit)).toHaveLength(2)
  })

  it('warns of FAULT, and says what NGINX was', () => {
    stub('systemctl', 'echo failed; exit 3')
    notify(shell, ['INSTANCE', 'gateway', 'FAULT', '90'])
    expect(JSON.parse(readFileSync(audit, 'utf8'))).toMatchObject({ state: 'FAULT', nginx: 'failed' })
    expect(linesOf(join(dir, 'logger.log'))).toEqual([
      '-t gw-vrrp -p daemon.warning -- VRRP instance gateway is FAULT (priority 90, nginx failed)',
    ])
  })

  it.each([
    ['0', '0', true, 'nginx active'],
    ['0', '1', false, 'nginx active, but does not answer'],
    ['1', '0', true, 'nginx active, but gives the address away'],
    ['1', '1', false, 'nginx active, but does not answer, but gives the address away'],
    ['0', '2', null, 'nginx active, but gives the address away'],
    ['1', '2', null, 'nginx active, but gives the address away'],
    ['0', null, null, 'nginx active'],
    ['0', '', null, 'nginx active'],
    ['', '0', true, 'nginx active'],
    ['0', '"}\u001b', false, 'nginx active, but does not answer'],
  ])('says of an NGINX of the states %j and %j that it answers: %j', (nginx, liveness, answers, words) => {
    writeFileSync(join(dir, 'nginx.state'), `${nginx}\n`)
    if (liveness !== null) writeFileSync(join(dir, 'liveness.state'), `${liveness}\n`)
    expect(notify(shell, ['INSTANCE', 'gateway', 'FAULT', '100'])).toEqual(SILENT)
    expect(JSON.parse(readFileSync(audit, 'utf8'))).toMatchObject({ nginx: 'active', answers })
    expect(linesOf(join(dir, 'logger.log'))).toEqual([
      `-t gw-vrrp -p daemon.warning -- VRRP instance gateway is FAULT (priority 100, ${words})`,
    ])
  })

  it('says nothing of the answers of an NGINX that does not run', () => {
    stub('systemctl', 'echo failed; exit 3')
    writeFileSync(join(dir, 'nginx.state'), '1\n')
    writeFileSync(join(dir, 'liveness.state'), '0\n')
    expect(notify(shell, ['INSTANCE', 'gateway', 'FAULT', '100'])).toEqual(SILENT)
    expect(JSON.parse(readFileSync(audit, 'utf8'))).toMatchObject({ nginx: 'failed', answers: null })
    expect(linesOf(join(dir, 'logger.log')).join('\n')).toMatch(/\(priority 100, nginx failed\)$/)
  })

  it('writes valid JSON, one line each, whatever it is called with', () => {
    const argument = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(...'"\\\n\t\r\u001b{}$`\'*;&|-ü0'.split('')) }),
      fc.constantFrom('007', '-1', '1e9', '99999999999', '0', '%s%n', '-n', '--help', ''),
    )
    fc.assert(
      fc.property(fc.array(argument.map((text) => text.replaceAll('\0', ''))), (args) => {
        rmSync(audit, { force: true })
        expect(notify(shell, args)).toEqual(SILENT)
        const lines = linesOf(audit)
        expect(lines).toHaveLength(1)
        const { instance, state, priority } = JSON.parse(lines[0] ?? '') as Record<string, unknown>
        for (const text of [instance, state]) expect(text).toMatch(/^[A-Za-z0-9_.:?-]{0,64}$/)
        expect(priority === null || Number.isInteger(priority)).toBe(true)
      }),
      { numRuns: 15 },
    )
  }, 60_000)

  it('says in syslog when the audit file cannot be written, and fails no louder', () => {
    writeFileSync(join(dir, 'log/gw'), 'a file where the folder should be')
    expect(notify(shell, ['INSTANCE', 'gateway', 'MASTER', '100'])).toEqual(SILENT)
    expect(linesOf(join(dir, 'logger.log')).join('\n')).toMatch(
      /is MASTER .*, which could not be written to /,
    )
  })

  it('does not wait for a systemd that hangs, nor fail without a syslog', () => {
    stub('timeout', '[ "$2" = systemctl ] && exit 124; exit 127')
    expect(notify(shell, ['INSTANCE', 'gateway', 'MASTER', '100'])).toEqual(SILENT)
    expect(JSON.parse(readFileSync(audit, 'utf8'))).toMatchObject({ state: 'MASTER', nginx: 'unknown' })
  })
})
