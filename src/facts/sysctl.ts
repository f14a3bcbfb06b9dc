import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface SysctlQuestion {
  /** With dots: `net.ipv4.ip_forward`. */
  readonly key: string
}

/** The file in which the kernel shows and takes a parameter. */
export function sysctlPath(key: string): string {
  return `/proc/sys/${key.replaceAll('.', '/')}`
}

/**
 * Running values of kernel parameters, blanks between words as one space; `null` for a key that the kernel does not
 * have. The shell's own `read` takes a byte at a time, and the kernel answers only the first one of a number.
 */
export const sysctlValue: Fact<SysctlQuestion, string | null> = {
  name: 'sysctl',
  // With a second file grep puts the path before each line.
  script: (args) => sh`grep -s '' -- /dev/null ${args.map((arg) => sysctlPath(arg.key))} || :`,
  parse(output, args) {
    const values = new Map(
      output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    )
    return args.map((arg) => values.get(sysctlPath(arg.key))?.trim().replaceAll(/\s+/g, ' ') ?? null)
  },
}
