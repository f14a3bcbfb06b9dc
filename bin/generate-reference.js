#!/usr/bin/env node
// Writes docs/reference.md from the commands' own metadata and the table of errors: `npm run reference` after a build.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { referenceText } from '../dist/src/cli/reference.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(await readFile(`${root}oclif.manifest.json`, 'utf8'))
await writeFile(`${root}docs/reference.md`, referenceText(manifest.commands))
