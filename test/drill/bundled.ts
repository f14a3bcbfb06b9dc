import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { LoadProber } from '../../src/drill/load-prober.js'
import { ROOT } from '../root.js'

interface Bundled {
  readonly LoadProber: typeof LoadProber
  remove(): Promise<void>
}

/** The prober from its sources as they are, bundled as bin/bundle.js does it: a thread takes no TypeScript. */
export async function bundledProber(): Promise<Bundled> {
  const outdir = await mkdtemp(join(tmpdir(), 'gw-prober-'))
  await writeFile(join(outdir, 'package.json'), '{"type":"module"}')
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/drill/load-prober.ts', 'src/drill/load-thread.ts'],
    outbase: '.',
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'src/chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
  })
  const file = pathToFileURL(join(outdir, 'src/drill/load-prober.js')).href
  const { LoadProber: prober } = (await import(/* @vite-ignore */ file)) as Pick<Bundled, 'LoadProber'>
  return { LoadProber: prober, remove: () => rm(outdir, { recursive: true }) }
}
