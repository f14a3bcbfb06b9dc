import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { LoadProber } from '../../src/drill/load-prober.js'
import type { Measurement } from '../../src/drill/measurement.js'
import { ROOT } from '../root.js'

interface Classes {
  readonly LoadProber: typeof LoadProber
  readonly Measurement: typeof Measurement
}

interface Bundled extends Classes {
  remove(): Promise<void>
}

/** The prober from its sources as they are, bundled as bin/bundle.js does it: a thread takes no TypeScript. */
export async function bundledProber(): Promise<Bundled> {
  const outdir = await mkdtemp(join(tmpdir(), 'gw-prober-'))
  await writeFile(join(outdir, 'package.json'), '{"type":"module"}')
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['load-prober', 'measurement', 'load-thread'].map((name) => `src/drill/${name}.ts`),
    outbase: '.',
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'src/chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
  })
  const load = async <Name extends keyof Classes>(file: string): Promise<Pick<Classes, Name>> =>
    (await import(/* @vite-ignore */ pathToFileURL(join(outdir, 'src/drill', file)).href)) as Pick<
      Classes,
      Name
    >
  return {
    ...(await load<'LoadProber'>('load-prober.js')),
    ...(await load<'Measurement'>('measurement.js')),
    remove: () => rm(outdir, { recursive: true }),
  }
}
