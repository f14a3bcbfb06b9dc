import { describe, expect, it } from 'vitest'
import { GwError } from '../../src/errors.js'
import { absent } from '../../src/operations/absent.js'
import { command } from '../../src/operations/command.js'
import { directory } from '../../src/operations/directory.js'
import { file } from '../../src/operations/file.js'
import { link } from '../../src/operations/link.js'
import type { Operation } from '../../src/operations/operation.js'
import { aptPackage } from '../../src/operations/package.js'
import { sysctl } from '../../src/operations/sysctl.js'
import { unit } from '../../src/operations/unit.js'
import { user } from '../../src/operations/user.js'
import { sh } from '../../src/shell/script.js'

const BAD_PATHS = [
  '',
  '/',
  'etc/x',
  '/etc/../x',
  '/etc/.',
  '/etc//x',
  '/etc/',
  '/a\nb',
  '/a\0',
  '/a\x1b[31m',
  '/a ',
  '/a\\b',
]

const REFUSED: readonly (readonly [string, unknown, () => Operation])[] = [
  ...BAD_PATHS.flatMap((path) => [
    ['file.path', path, () => file({ path, content: '' })] as const,
    ['directory.path', path, () => directory({ path })] as const,
    ['link.path', path, () => link({ path, target: 'x' })] as const,
    ['absent.path', path, () => absent({ path })] as const,
    ['unit.reloadOn', path, () => unit({ name: 'a.service', reloadOn: [path] })] as const,
    ['command.creates', path, () => command({ name: 'x', script: sh`:`, creates: path })] as const,
  ]),
  ...['', '644', '0999', 'u+x', '00644'].map(
    (mode) => ['file.mode', mode, () => file({ path: '/x', content: '', mode })] as const,
  ),
  ...['', 'Root', 'a b', 'a:b', '-a', 'ü', 'a\n'].flatMap((owner) => [
    ['file.owner', owner, () => file({ path: '/x', content: '', owner })] as const,
    ['directory.group', owner, () => directory({ path: '/x', group: owner })] as const,
    ['user.name', owner, () => user({ name: owner })] as const,
    ['user.groups', owner, () => user({ name: 'x', groups: [owner] })] as const,
  ]),
  ...['', 'a\nb', '\0'].map((target) => ['link.target', target, () => link({ path: '/x', target })] as const),
  ...['', 'Nginx', 'nginx*', '-y', 'nginx=1', 'nginx:amd64', 'a b'].map(
    (name) => ['aptPackage.name', name, () => aptPackage({ name })] as const,
  ),
  ...['', '1 2', '*', '-1'].map(
    (version) => ['aptPackage.version', version, () => aptPackage({ name: 'nginx', version })] as const,
  ),
  ...['nginx', '', '-a.service', 'a*.service', 'a/b.service', 'a b.service', 'a.conf'].map(
    (name) => ['unit.name', name, () => unit({ name })] as const,
  ),
  ...['', 'net', 'net..ipv4', 'net.ipv4/../x', '../x.y', 'a.b c'].map(
    (key) => ['sysctl.key', key, () => sysctl({ key, value: 1 })] as const,
  ),
  ...['', '1\n2', ' 1', '1  2', '$(id)'].map(
    (value) => ['sysctl.value', value, () => sysctl({ key: 'a.b', value })] as const,
  ),
  ['command.name', 'two\nlines', () => command({ name: 'two\nlines', script: sh`:` })],
]

describe('arguments of operations', () => {
  it.each(REFUSED.map(([argument, value, make]) => ({ argument, shown: JSON.stringify(value), make })))(
    '$argument is not allowed to be $shown',
    ({ argument, shown, make }) => {
      expect(make).toThrow(GwError)
      expect(make).toThrow(expect.objectContaining({ code: 'VALUE_REFUSED', exitCode: 2 }))
      expect(make).toThrow(`${argument} is ${shown}, but it must be `)
    },
  )

  it.each([
    () =>
      file({ path: "/etc/nginx/it's $(here) ü..x/.hidden", content: '', owner: '_apt', group: 'www-data' }),
    () => link({ path: '/x', target: '../up one/$(id)' }),
    () => aptPackage({ name: 'g++', version: '1:2.2.7-1+b2~bpo12+1' }),
    () => unit({ name: 'getty@tty1.service', restartOn: ['/etc/x'] }),
    () => sysctl({ key: 'net.ipv4.conf.eth0-1.rp_filter', value: '2' }),
    () => sysctl({ key: 'net.ipv4.ip_local_port_range', value: '1024 65000' }),
    () => user({ name: 'systemd-network', home: '/run/systemd', shell: '/bin/sh' }),
  ])('are taken when they are good: %s', (make) => {
    expect(make().subject).not.toBe('')
  })
})
