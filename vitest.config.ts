import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { gw: new URL('./src/index.ts', import.meta.url).pathname } },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**'], testTimeout: 10_000 },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          globalSetup: ['test/lab/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Every file talks to the same nine hosts: one at a time, in the order of their names.
          fileParallelism: false,
        },
      },
    ],
  },
})
