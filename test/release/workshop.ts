import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  mkdirSync,
  lstatSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask } from '../../src/facts/fact.js'
import { guardStatus } from '../../src/facts/guard.js'
import { releaseStore } from '../../src/facts/release-store.js'
import type { RenderedFile } from '../../src/model/rendered-file.js'
import type { ReleaseStore } from '../../src/model/release-store.js'
import { Secret } from '../../src/model/secret.js'
import { type StatePaths, statePaths } from '../../src/model/state-paths.js'
import type { Decision, Operation } from '../../src/operations/operation.js'
import type { Owner, ReleaseMeta } from '../../src/release/manifest.js'
import { type StageArguments, stageRelease } from '../../src/release/stage.js'
import { sh } from '../../src/shell/script.js'
import { answersOf, applyHere, decideHere, type Ended, run } from '../operations/local-shell.js'

/** Contents of files by their paths. */
export type Contents = Readonly<Record<string, string | Secret>>

export const META: ReleaseMeta = {
  origin: 'deploy',
  createdAt: '2026-11-21T16:30:00Z',
  by: 'alice@laptop',
  commit: null,
  gw: '0.1.0',
  domain: 'api.example.com',
}

/** A state folder of a host in a temporary folder, for operations that run in a real shell. */
export class StateFolder {
  readonly dir = mkdtempSync(join(tmpdir(), "gw state it's "))
  readonly paths: StatePaths = statePaths(join(this.dir, 'state'))
  readonly owner: Owner
  readonly store = ask(releaseStore, { paths: this.paths })

  private constructor(owner: Owner) {
    this.owner = owner
  }

  /** Files are of whoever runs the tests. */
  static async make(): Promise<StateFolder> {
    const { stdout } = await run(sh`id -un; id -gn`)
    const [owner = '', group = ''] = stdout.split('\n')
    return new StateFolder({ owner, group })
  }

  remove(): void {
    rmSync(this.dir, { recursive: true })
  }

  staging(name: string, contents: Contents, more: Partial<StageArguments<number>> = {}): Operation {
    return stageRelease({
      name,
      required: true,
      files: { question: ask(guardStatus, { script: ':' }), render: () => rendered(contents), likely: [0] },
      meta: META,
      paths: this.paths,
      run: '0123abcd',
      store: this.store,
      test: () => sh`:`,
      owner: this.owner,
      ...more,
    })
  }

  decide(name: string, contents: Contents, more?: Partial<StageArguments<number>>): Promise<Decision> {
    return decideHere(this.staging(name, contents, more))
  }

  async stage(name: string, contents: Contents, more?: Partial<StageArguments<number>>): Promise<Ended> {
    return applyHere(await this.decide(name, contents, more))
  }

  /** Makes a release the current one, as a publish does that was confirmed. */
  publish(name: string): void {
    const { current, previous, confirmed, releases } = this.paths
    mkdirSync(confirmed, { recursive: true })
    writeFileSync(join(confirmed, name), '2026-11-21T16:30:00Z 0123abcd\n')
    if (lstatSync(current, { throwIfNoEntry: false }) !== undefined) {
      rmSync(previous, { force: true })
      renameSync(current, previous)
    }
    symlinkSync(join(releases, name), current)
  }

  async seen(): Promise<ReleaseStore> {
    const [store] = await answersOf(releaseStore, [{ paths: this.paths }])
    if (store === undefined) throw new Error('the store was not answered')
    return store
  }

  /** The files of a release, release.conf and the manifest left out. */
  filesOf(name: string, contents: Contents): Contents {
    return Object.fromEntries(
      Object.keys(contents).map((path) => [
        path,
        readFileSync(join(this.paths.releases, name, path), 'utf8'),
      ]),
    )
  }

  names(): string[] {
    return readdirSync(this.paths.releases).sort()
  }
}

export function rendered(contents: Contents): RenderedFile[] {
  return Object.entries(contents).map(([path, content]) => ({
    path,
    content,
    mode: content instanceof Secret ? '0600' : '0644',
  }))
}
