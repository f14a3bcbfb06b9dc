import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { renderedText, renderedView } from '../../src/cli/render-view.js'
import type { RenderedFile } from '../../src/model/rendered-file.js'
import { Secret } from '../../src/model/secret.js'

const plain = (_style: unknown, text: string): string => text

const NGINX: RenderedFile = { path: 'nginx/nginx.conf', mode: '0644', content: 'events {}\n' }
const KEY: RenderedFile = { path: 'nginx/gw/tls/rsa.key', mode: '0600', content: new Secret('sentinel\n') }
const keepalived = (host: string): RenderedFile => ({
  path: 'keepalived/keepalived.conf',
  mode: '0644',
  content: `router_id ${host}\n`,
})

const HOSTS = [
  { host: 'gw-1', files: [NGINX, KEY, keepalived('gw-1')] },
  { host: 'gw-2', files: [NGINX, KEY, keepalived('gw-2')] },
]

describe('rendered files as a text', () => {
  it('stand once where hosts have them in common, with secrets masked', () => {
    expect(renderedText(HOSTS, plain)).toBe(
      [
        '# gw-1, gw-2: nginx/nginx.conf (0644)',
        'events {}',
        '',
        '# gw-1, gw-2: nginx/gw/tls/rsa.key (0600)',
        '***',
        '',
        '# gw-1: keepalived/keepalived.conf (0644)',
        'router_id gw-1',
        '',
        '# gw-2: keepalived/keepalived.conf (0644)',
        'router_id gw-2',
      ].join('\n'),
    )
  })

  it('do nothing to a terminal', () => {
    const files = [{ ...NGINX, content: '# \u001b]0;title\u0007\u001b[2J\u202e\n' }]
    expect(renderedText([{ host: 'gw-1', files }], plain)).toBe('# gw-1: nginx/nginx.conf (0644)\n# \\u202e')
  })
})

describe('rendered files as JSON', () => {
  it('tell path, mode, size and sum, and the content of what is no secret', () => {
    const sum = (text: string): string => createHash('sha256').update(text).digest('hex')
    const text = 'café\n'
    expect(renderedView([{ host: 'gw-1', files: [{ ...NGINX, content: text }, KEY] }])).toEqual({
      'gw-1': [
        { path: 'nginx/nginx.conf', mode: '0644', bytes: 6, sha256: sum(text), content: text },
        { path: 'nginx/gw/tls/rsa.key', mode: '0600', bytes: 9, sha256: sum('sentinel\n'), content: null },
      ],
    })
  })
})
