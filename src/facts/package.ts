import { sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface PackageQuestion {
  readonly name: string
}

/** A Debian package; `configured` is false when its installation was interrupted or failed half-way. */
export type PackageState =
  | { readonly installed: false; readonly held: boolean }
  | {
      readonly installed: true
      readonly held: boolean
      readonly version: string
      readonly configured: boolean
    }

/** State of packages, by one `dpkg-query`. */
export const packageState: Fact<PackageQuestion, PackageState> = {
  name: 'package',
  script: (args) =>
    sh`dpkg-query --show --showformat=${'${db:Status-Abbrev}|${Package}|${Version}\\n'} -- ${args.map((arg) => arg.name)} || :`,
  parse(output, args) {
    const states = new Map<string, PackageState>()
    for (const line of output.split('\n').filter((text) => text !== '')) {
      const [, want, status, error, name = '', version = ''] = /^(.)(.)(.)\|([^|]*)\|(.*)$/.exec(line) ?? []
      if (want === undefined || status === undefined)
        throw new Error(`"${line}" is not a line about a package`)
      const state = stateOf(want, status, error === 'R', version)
      // The same package may be there for several architectures.
      if (states.get(name)?.installed !== true) states.set(name, state)
    }
    return args.map((arg) => states.get(arg.name) ?? { installed: false, held: false })
  },
}

/** The letters of dpkg's status: n and c stand for "not installed" and "only its configuration is left". */
function stateOf(want: string, status: string, broken: boolean, version: string): PackageState {
  const held = want === 'h'
  if (status === 'n' || status === 'c') return { installed: false, held }
  return { installed: true, held, version, configured: status === 'i' && !broken }
}
