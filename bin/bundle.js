#!/usr/bin/env node
// Makes dist/: gw with what it needs of its dependencies in a few files, since opening and resolving hundreds of small ones took
// most of a start. Types are checked by tsc.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const common = {
  absWorkingDir: root,
  outbase: '.',
  outdir: 'dist',
  format: 'esm',
  platform: 'node',
  target: 'node20',
}

await build({
  ...common,
  entryPoints: [
    'commands/**/*.ts',
    'src/index.ts',
    'src/cli/main.ts',
    'src/cli/command-not-found.ts',
    'src/cli/load-playbook.ts',
    'src/cli/reference.ts',
    'src/drill/load-prober.ts',
    'src/drill/load-thread.ts',
  ],
  bundle: true,
  // Commands and playbooks of users get the same classes from the same files.
  splitting: true,
  // As deep as src/cli: load-playbook, which is shared since it is an entry point as well, finds ../index.js, and so does
  // load-prober its thread.
  chunkNames: 'src/chunks/[name]-[hash]',
  minifyWhitespace: true,
  minifySyntax: true,
  // Read with NODE_OPTIONS=--enable-source-maps only.
  sourcemap: 'linked',
  legalComments: 'linked',
  // Loaded by nobody, or only where they are: compiled add-ons that ssh2 does without, oclif's compilers, jiti's own.
  external: ['*.node', 'cpu-features', 'ts-node', 'typescript', 'jiti'],
  banner: {
    js: "import{createRequire as gwRequire}from'node:module';import{dirname as gwDirname}from'node:path';import{fileURLToPath as gwPath}from'node:url';const require=gwRequire(import.meta.url),__filename=gwPath(import.meta.url),__dirname=gwDirname(__filename);",
  },
})
// The lab's backends run on other hosts, and have no dependencies.
await build({ ...common, entryPoints: ['lab/backend/*.ts'] })
