import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { defineConfig } from 'vitest/config'
import { TEST_LABS } from './test/lab/test-labs.js'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The lab's hosts start bare, which two files look at first; the others come after them, by name. */
class LabOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Unit tests run side by side: the long files come first, so that none of them is waited for at the end.
    if (files.some(({ project }) => project.name !== 'lab')) return super.sort(files)
    const first = ['lab.test.ts', 'deploy.test.ts']
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = first.indexOf(basename(moduleId))
      return place === -1 ? first.length : place
    }
    return Promise.resolve(
      files.toSorted((one, other) => rank(one) - rank(other) || one.moduleId.localeCompare(other.moduleId)),
    )
  }
}

/** What runs the scripts of hosts in this machine's shell, which is a third of the time that all take. Any Node would do. */
const SHELL = [
  'test/release/**/*.test.ts',
  'test/engine/{fleet-lock,lock-*,rollout,run-lock,takeover}.test.ts',
  'test/render/{backup-pruning,backup-script,keepalived-notify,liveness}.test.ts',
  'test/operations/real-files.test.ts',
  'test/facts/{file,host-facts,backups,health-snippets}.test.ts',
  'test/drill/{arming,arming-undo}.test.ts',
]

/** Of both suites that need no hosts. */
const BARE = {
  testTimeout: 10_000,
  // The files of a worker share what they import, which is a fifth of the suite's work; there is no global to share.
  isolate: false,
  // More than processors: many files wait for a shell or a timer.
  maxWorkers: availableParallelism() + 2,
}

export default defineConfig({
  resolve: { alias: { gw: new URL('./src/index.ts', import.meta.url).pathname } },
  test: {
    sequence: { sequencer: LabOrder },
    projects: [
      {
        extends: true,
        test: {
          ...BARE,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', ...SHELL],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...BARE,
          name: 'shell',
          include: SHELL,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          globalSetup: ['test/lab/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          isolate: false,
          // Every file has nine hosts for itself.
          maxWorkers: TEST_LABS.length,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
