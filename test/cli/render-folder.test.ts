import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  lstatSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replaceFolder } from '../../src/cli/render-folder.js'
import type { HostFiles } from '../../src/cli/render-view.js'
import { Secret } from '../../src/model/secret.js'

const GW_1: HostFiles = {
  host: 'gw-1',
  files: [
    { path: 'nginx/gw/tls/rsa.key', mode: '0600', content: new Secret('the key\n') },
    { path: 'nginx/gw/tls/rsa.crt', mode: '0644', content: 'the certificate\n' },
    { path: 'nginx/nginx.conf', mode: '0644', content: 'events {}\n' },
    { path: 'keepalived/notify', mode: '0755', content: '#!/bin/sh\n' },
  ],
}
const GW_2: HostFiles = { ...GW_1, host: 'gw-2' }

/** Paths and modes of all that is below a folder. */
function tree(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(names.map((name) => [name, modeOf(join(folder, name))]))
}

function modeOf(path: string): string {
  return (lstatSync(path).mode & 0o7777).toString(8).padStart(4, '0')
}

describe('the folder of a render', () => {
  let parent: string
  let out: string

  beforeEach(() => {
    parent = mkdtempSync(join(realpathSync(tmpdir()), 'gw-render-'))
    out = join(parent, 'out')
  })
  afterEach(() => {
    rmSync(parent, { recursive: true, force: true })
  })

  it("holds every host's files with their modes, and keys in a folder of their owner's", async () => {
    expect(await replaceFolder(out, [GW_1])).toBe(out)
    expect(tree(out)).toEqual({
      '.gw-render': '0644',
      'gw-1': '0755',
      'gw-1/keepalived': '0755',
      'gw-1/keepalived/notify': '0755',
      'gw-1/nginx': '0755',
      'gw-1/nginx/gw': '0755',
      'gw-1/nginx/gw/tls': '0700',
      'gw-1/nginx/gw/tls/rsa.crt': '0644',
      'gw-1/nginx/gw/tls/rsa.key': '0600',
      'gw-1/nginx/nginx.conf': '0644',
    })
    expect(modeOf(out)).toBe('0755')
    expect(readFileSync(join(out, 'gw-1/nginx/gw/tls/rsa.key'), 'utf8')).toBe('the key\n')
    expect(readFileSync(join(out, 'gw-1/nginx/nginx.conf'), 'utf8')).toBe('events {}\n')
  })

  it('has the same modes under a strict umask', async () => {
    const before = process.umask(0o077)
    try {
      await replaceFolder(out, [GW_1])
    } finally {
      process.umask(before)
    }
    expect(modeOf(join(out, 'gw-1/nginx'))).toBe('0755')
    expect(modeOf(join(out, 'gw-1/nginx/nginx.conf'))).toBe('0644')
  })

  it('is made with the folders above it', async () => {
    const deep = join(parent, 'a/b/out')
    await replaceFolder(deep, [GW_1])
    expect(existsSync(join(deep, 'gw-1/nginx/nginx.conf'))).toBe(true)
  })

  it('takes the place of an empty folder', async () => {
    mkdirSync(out)
    await replaceFolder(out, [GW_1])
    expect(readdirSync(out).sort()).toEqual(['.gw-render', 'gw-1'])
  })

  it('takes the place of an earlier render whole, and leaves nothing beside it', async () => {
    await replaceFolder(out, [GW_1, GW_2])
    await replaceFolder(out, [{ host: 'gw-1', files: GW_1.files.slice(2) }])
    expect(Object.keys(tree(out))).toEqual([
      '.gw-render',
      'gw-1',
      'gw-1/keepalived',
      'gw-1/keepalived/notify',
      'gw-1/nginx',
      'gw-1/nginx/nginx.conf',
    ])
    expect(readdirSync(parent)).toEqual(['out'])
  })

  it.each([
    [
      "somebody's own files",
      'holds "notes.txt", which no render wrote',
      () => {
        mkdirSync(out)
        writeFileSync(join(out, 'notes.txt'), 'mine')
      },
    ],
    [
      'a file',
      'is no folder',
      () => {
        writeFileSync(out, 'mine')
      },
    ],
    [
      'a link to a folder',
      'is a link',
      () => {
        mkdirSync(join(parent, 'elsewhere'))
        symlinkSync('elsewhere', out)
      },
    ],
    [
      'a link that leads nowhere',
      'is a link',
      () => {
        symlinkSync('nowhere', out)
      },
    ],
  ])('is not made over %s, which stay as they are', async (_what, why, prepare) => {
    prepare()
    const before = tree(parent)
    await expect(replaceFolder(out, [GW_1])).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`${out} ${why}`) as string,
      nextSteps: [expect.stringContaining('--out DIR')],
    })
    expect(tree(parent)).toEqual(before)
  })

  it('is not replaced once something of somebody else stands in it', async () => {
    await replaceFolder(out, [GW_1])
    mkdirSync(join(out, '.git'))
    await expect(replaceFolder(out, [GW_1])).rejects.toThrow('holds ".git", which no render wrote')
    expect(existsSync(join(out, '.git'))).toBe(true)
  })

  it('is not replaced while it holds the working folder', async () => {
    const before = process.cwd()
    mkdirSync(out)
    process.chdir(out)
    try {
      await expect(replaceFolder('.', [GW_1])).rejects.toThrow('holds the working folder')
    } finally {
      process.chdir(before)
    }
  })

  it('that cannot be written is an error of usage, with the reason and nothing left behind', async () => {
    writeFileSync(join(parent, 'file'), '')
    const below = join(parent, 'file/a/out')
    await expect(replaceFolder(below, [GW_1])).rejects.toMatchObject({
      code: 'USAGE',
      message: `the folder ${below} cannot be written: ENOTDIR`,
    })
    expect(readdirSync(parent)).toEqual(['file'])
  })
})
