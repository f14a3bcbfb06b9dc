import { describe, expect, it } from 'vitest'
import { releaseConf } from '../../src/render/nginx/files.js'
import { UNRELEASED } from '../../src/render/nginx/release-name.js'
import { readNginx } from './nginx-reader.js'

describe('the file with the name of the release', () => {
  it.each(['v1.0', 'v12.345.6', UNRELEASED])('tells %s, and only that', (release) => {
    const { path, mode, content } = releaseConf(release)
    expect({ path, mode }).toEqual({ path: 'nginx/gw/release.conf', mode: '0644' })
    expect(readNginx(String(content))).toEqual([
      { words: ['map', '', '$gw_release'], body: [{ words: ['default', release], body: null }] },
    ])
  })

  it.each(['', 'original', 'v1', 'v1.2; return 200', '$host', 'v1.2\n', 'v01.2', 'Unreleased'])(
    'is not written for %j',
    (release) => {
      expect(() => releaseConf(release)).toThrow(/no name of a release/)
    },
  )
})
