import { ask } from '../facts/fact.js'
import { fileState } from '../facts/file.js'
import { sysctlPath, sysctlValue } from '../facts/sysctl.js'
import { type Script, lines, sh } from '../shell/script.js'
import { checked } from './argument.js'
import type { Operation } from './operation.js'
import { ownershipOf } from './ownership.js'
import { replaceFile, sha256Of } from './replacement.js'

interface SysctlArguments {
  /** With dots: `net.ipv4.ip_nonlocal_bind`. */
  readonly key: string
  readonly value: string | number
}

/**
 * A kernel parameter, now and after a reboot. Each has a file of its own in /etc/sysctl.d, so that none depends on
 * another; what the administrator writes into /etc/sysctl.conf is read later and wins at boot.
 * @throws GwError VALUE_REFUSED
 */
export function sysctl(args: SysctlArguments): Operation {
  const key = checked('sysctl', 'sysctl.key', args.key)
  const value = checked('sysctl value', 'sysctl.value', String(args.value))
  const path = `/etc/sysctl.d/60-gw-${key}.conf`
  const text = `# Written by gw.\n${key} = ${value}\n`
  const sha256 = sha256Of(text)
  const running = ask(sysctlValue, { key })
  const stored = ask(fileState, { path, expectSha256: [sha256] })
  const store = replaceFile({ path, sha256, ownership: ownershipOf('sysctl', {}, '0644') })
  return {
    subject: key,
    questions: [running, stored],
    decide(answers) {
      const now = answers.to(running)
      const file = answers.to(stored)
      if (now === null) {
        return {
          kind: 'blocked',
          reason: `the kernel of the host has no parameter ${key}`,
          nextSteps: [`Load the kernel module that brings ${key}, or correct its name.`],
        }
      }
      const change = now === value ? [] : [`value ${now} -> ${value}`]
      if (file.type === 'file' && file.sha256 === sha256) {
        if (now === value) return { kind: 'ok', reason: `the value is ${value}, now and after a reboot` }
        return { kind: 'change', summary: change.join(), script: set(key, value) }
      }
      return {
        kind: 'change',
        summary: [...change, 'keep it after a reboot'].join(', '),
        script: now === value ? store : lines([set(key, value), store]),
        input: Buffer.from(text),
        diffs: [{ path, before: file.type === 'file' ? file.content : null, after: text }],
      }
    },
  }
}

/** Sets the running value first: what the kernel refuses, or quietly turns into something else, is not stored. */
function set(key: string, value: string): Script {
  const path = sysctlPath(key)
  return sh`
    set -eu
    printf '%s\n' ${value} >${path}
    now=$(tr -s '\t ' ' ' <${path})
    if [ "$now" != ${value} ]; then
      echo 'the kernel made' "$now" 'of the value' ${value} >&2
      exit 1
    fi`
}
