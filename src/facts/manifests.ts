import { readManifest } from '../model/manifest.js'
import { type Manifest, RELEASE_NAME } from '../model/release.js'
import type { StatePaths } from '../model/state-paths.js'
import { lines, sh } from '../shell/script.js'
import type { Fact } from './fact.js'
import { endSection, printText, sectionsOf, textOf } from './release-files.js'

interface ManifestsQuestion {
  readonly paths: StatePaths
  /** Names of releases. */
  readonly names: readonly string[]
}

/** The manifests of releases by name; null for one that is not there or cannot be read. */
export const manifestsOf: Fact<ManifestsQuestion, Readonly<Record<string, Manifest | null>>> = {
  name: 'manifests',
  script: (args) =>
    lines(
      args.flatMap(({ paths, names }) => [
        ...names.map((name) => printText(sh`${`${paths.releases}/${checkedName(name)}/manifest.json`}`)),
        endSection,
      ]),
    ),
  parse(output, args) {
    const sections = sectionsOf(output)
    return args.map(({ names }, index) => {
      const records = sections[index] ?? []
      if (records.length !== names.length) throw new Error('the answer does not hold every manifest')
      return Object.fromEntries(names.map((name, at) => [name, readManifest(textOf(records[at]))]))
    })
  },
}

function checkedName(name: string): string {
  if (!RELEASE_NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a release`)
  return name
}
