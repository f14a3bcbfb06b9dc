import { GwError } from '../errors.js'
import { RELEASE_PATH } from '../model/manifest.js'

interface Rule {
  readonly pattern: RegExp
  /** Completes "it must be …". */
  readonly wanted: string
}

const RULES = {
  // Every component begins with something that is neither a slash nor "." or ".." alone; no control characters.
  path: {
    pattern: /^(?:\/(?!\.{1,2}(?:\/|$))[^/\\\p{Cc}]+)+(?<!\p{Zs})$/u,
    wanted:
      'an absolute path without "..", "//", backslashes, control characters or a trailing slash or blank',
  },
  'release path': {
    pattern: RELEASE_PATH,
    wanted:
      'a relative path of names that begin with a letter, a digit or "_" and hold only these, "." and "-"',
  },
  target: {
    pattern: /^[^\p{Cc}]+$/u,
    wanted: 'a path without control characters',
  },
  mode: { pattern: /^[0-7]{4}$/, wanted: 'four octal digits, such as "0644"' },
  account: {
    pattern: /^[a-z_][a-z0-9_-]{0,30}\$?$/,
    wanted:
      'the name of a user or a group: a lower-case letter or "_", then at most 30 of a-z, 0-9, "_" and "-"',
  },
  package: {
    pattern: /^[a-z0-9][a-z0-9+.-]+$/,
    wanted: 'the name of a Debian package: lower-case letters, digits, "+", "." and "-"',
  },
  version: {
    pattern: /^[0-9][A-Za-z0-9.+~:-]*$/,
    wanted: 'a version of a Debian package, such as "1.22.1-9+deb12u3"',
  },
  unit: {
    pattern: /^[A-Za-z0-9_][A-Za-z0-9:_.@-]{0,200}\.(?:service|socket|timer|path|target|mount)$/,
    wanted: 'the name of a systemd unit with its suffix, such as "nginx.service"',
  },
  sysctl: {
    pattern: /^[a-z0-9_]+(?:\.[A-Za-z0-9_-]+)+$/,
    wanted: 'the name of a kernel parameter, such as "net.ipv4.ip_forward"',
  },
  'sysctl value': {
    pattern: /^[A-Za-z0-9_:.,+/-]+(?: [A-Za-z0-9_:.,+/-]+)*$/,
    wanted: 'words separated by single blanks',
  },
  seconds: { pattern: /^\d{1,5}$/, wanted: 'a whole number of seconds' },
  title: { pattern: /^[^\p{Cc}]+$/u, wanted: 'one line of text' },
} as const satisfies Record<string, Rule>

/**
 * Gives `value` back when it fits the rule.
 * @throws GwError VALUE_REFUSED naming the argument (`file.mode`, say), the value and what it must be.
 */
export function checked(rule: keyof typeof RULES, argument: string, value: string): string {
  const { pattern, wanted } = RULES[rule]
  if (pattern.test(value) && value.length <= 1024) return value
  throw new GwError('VALUE_REFUSED', `${argument} is ${JSON.stringify(value)}, but it must be ${wanted}`, {
    nextSteps: [`Correct ${argument} in the playbook or in the inventory value that it comes from.`],
  })
}
