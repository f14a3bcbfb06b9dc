#!/usr/bin/env node
// Writes oclif.manifest.json: with it, a start imports only the command that runs.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core'

const root = fileURLToPath(new URL('..', import.meta.url))
const plugin = new Plugin({
  root,
  type: 'core',
  ignoreManifest: true,
  errorOnManifestCreate: true,
  respectNoCacheDefault: true,
})
await plugin.load()
await writeFile(`${root}oclif.manifest.json`, `${JSON.stringify(plugin.manifest, undefined, 2)}\n`)
