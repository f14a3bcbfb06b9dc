import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sh } from '../../../src/shell/script.js'
import { gatewayWith } from '../../health/gateway.js'
import { disturbanceOn, FakePrograms } from './fake-programs.js'

const GIBIBYTE_BLOCKS = 2 ** 18

let folder: string
let programs: FakePrograms
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gw it's a log "))
  programs = new FakePrograms({})
})
afterEach(() => {
  programs.remove()
  rmSync(folder, { recursive: true })
})

/** A file system with so many free blocks of 4 KiB, of which `fallocate` gives at most so many at once. */
function disk(type: string, free: number, { atOnce = free, kept = 0 } = {}): void {
  programs.remove()
  programs = new FakePrograms({
    stat: `[ -e "$0.free" ] || echo ${free} >"$0.free"
case $* in *%T*) echo ${type} ;; *) echo "$(cat "$0.free") 4096" ;; esac`,
    fallocate: `free=$(cat "\${0%/*}/stat.free")
[ $(($4 / 4096)) -le $((free - ${kept})) ] && [ $(($4 / 4096)) -le ${atOnce} ] || exit 1
echo $((free - $4 / 4096)) >"\${0%/*}/stat.free"`,
  })
}

const scripts = () => {
  const gateway = gatewayWith({})
  return disturbanceOn('disk-full', {
    ...gateway,
    logging: { ...gateway.logging, accessLog: `${folder}/a.log` },
  })
}

describe('a disk that is to be full', () => {
  it.each([
    ['ext2/ext3', 50 * GIBIBYTE_BLOCKS],
    ['xfs', 1],
    ['tmpfs', 8192],
  ])('may be one of %s', async (type, free) => {
    disk(type, free)
    expect(await programs.run(scripts().ready)).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  it.each([
    ['overlayfs', 1, 'lies on overlayfs: the disk is that of another machine'],
    ['nfs', 1, 'lies on nfs, which is not filled'],
    ['ext2/ext3', 50 * GIBIBYTE_BLOCKS + 1, 'has more than 50 GiB free'],
    ['tmpfs', 2 ** 40, 'lies in memory, and to fill it would leave less than half of what is free'],
  ])('is no %s with %i blocks', async (type, free, reason) => {
    disk(type, free)
    const { exitCode, stderr } = await programs.run(scripts().ready)
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: `${folder} ${reason}\n` })
  })

  it('is asked for in pieces, where it is not given as a whole', async () => {
    disk('xfs', 1000, { atOnce: 300 })
    expect((await programs.run(scripts().disturb)).exitCode).toBe(0)
    const given = programs.calls.filter((call) => call.startsWith('fallocate'))
    expect(given.length).toBeLessThan(30)
    const { stdout } = await programs.run(sh`stat --format %f`)
    expect(stdout).toBe('0 4096\n')
  })

  it('may keep a little for itself, and no more', async () => {
    disk('xfs', 1000, { kept: 200 })
    expect((await programs.run(scripts().disturb)).exitCode).toBe(0)
    disk('xfs', 1000, { kept: 300 })
    expect(await programs.run(scripts().disturb)).toMatchObject({
      exitCode: 1,
      stderr: `${300 * 4096} bytes could not be filled\n`,
    })
  })
})
