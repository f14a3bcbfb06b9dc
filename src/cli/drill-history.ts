import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { drillPage } from '../drill/page/page.js'
import type { DrillReport } from '../drill/report.js'
import { errnoCode } from '../errors.js'
import type { Environment } from '../inventory/local-user.js'
import { drillLines, parseDrill, parseDrillHead } from './drill-record.js'
import { journalFolder } from './journal.js'

/** Files of drills by name: the time in UTC and the run. */
const DRILL_NAME = /^(\d{8}T\d{6}Z-[0-9a-f]{8})\.jsonl$/

/** How many drills are kept. */
const DRILLS_KEPT = 200

/** Drills that were run from this machine, each in a file of its own that only its user reads. */
export class DrillHistory {
  constructor(readonly folder: string) {}

  /**
   * Keeps a drill, whole or not at all, and its page beside it, which compares it with `earlier` ones. Answers the path of
   * the page.
   * @throws the system's error when the folder cannot be written
   */
  async save(report: DrillReport, earlier: readonly DrillReport[]): Promise<string> {
    const page = this.pageOf(report)
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    // The page comes first: whoever finds a drill finds its page.
    await this.#place(page, drillPage(report, earlier))
    await this.#place(this.#fileOf(report, 'jsonl'), drillLines(report))
    await this.#removeOldest()
    return page
  }

  /**
   * Those of an environment, or all, without their requests over time; the newest last. Files that make no sense are passed
   * over.
   * @throws the system's error when the folder is there and cannot be read
   */
  async list(environment: string | null): Promise<readonly DrillReport[]> {
    const drills: DrillReport[] = []
    // One after the other: a file may hold megabytes.
    for (const name of await this.#names()) {
      const drill = parseDrillHead(await contentOf(join(this.folder, `${name}.jsonl`)))
      if (drill !== null && (environment === null || drill.environment === environment)) drills.push(drill)
    }
    return drills
  }

  /** A listed drill with its requests over time; null for one that is gone, or damaged there. */
  async whole(drill: DrillReport): Promise<DrillReport | null> {
    return parseDrill(await contentOf(this.#fileOf(drill, 'jsonl')))
  }

  /** The path of a drill's page. */
  pageOf(drill: DrillReport): string {
    return this.#fileOf(drill, 'html')
  }

  #fileOf({ startedAt, run }: DrillReport, ending: 'jsonl' | 'html'): string {
    const second = startedAt.slice(0, 19).replaceAll(/[-:]/g, '')
    return join(this.folder, `${second}Z-${run}.${ending}`)
  }

  /** Names begin with the time, so that their order is that of the drills. */
  async #names(): Promise<string[]> {
    try {
      const names = await readdir(this.folder)
      return names.flatMap((name) => DRILL_NAME.exec(name)?.[1] ?? []).sort()
    } catch (cause) {
      if (errnoCode(cause) === 'ENOENT') return []
      throw cause
    }
  }

  /** Nobody finds half a file, also when gw is killed or the disk is full. */
  async #place(path: string, content: string): Promise<void> {
    const aside = join(dirname(path), `.${randomUUID()}`)
    try {
      await writeFile(aside, content, { mode: 0o600, flag: 'wx', flush: true })
      // The mode above is narrowed by the user's umask.
      await chmod(aside, 0o600)
      await rename(aside, path)
    } finally {
      await rm(aside, { force: true })
    }
  }

  async #removeOldest(): Promise<void> {
    const names = await this.#names()
    const old = names.slice(0, Math.max(0, names.length - DRILLS_KEPT))
    const paths = old.flatMap((name) => [`${name}.jsonl`, `${name}.html`])
    await Promise.all(paths.map((name) => rm(join(this.folder, name), { force: true })))
  }
}

/** Empty for a file that has been removed meanwhile, or that cannot be read. */
function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

/** The folder of the drills: `gw/drills` beside the journals. */
export function drillFolder(env: Environment): string {
  return join(dirname(journalFolder(env)), 'drills')
}
