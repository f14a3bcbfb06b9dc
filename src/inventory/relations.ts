import { ON_KEY } from './check.js'
import type { Check } from './check.js'
import { GATEWAY_CHECKS } from './gateway-checks.js'
import { hostsOfGroup, isInCircle } from './groups.js'
import { suggestion } from './nearest.js'
import type { Problems } from './problem.js'
import type { InventoryFile } from './schema.js'
import { find } from './tree.js'
import type { Path, Tree } from './tree.js'

/** Checks how the parts of an inventory fit together; each part alone is already known to be right. */
export function checkRelations(file: InventoryFile, tree: Tree, problems: Problems): void {
  const check: Check = {
    file,
    report: (path, message, options) => {
      const found = find(tree, path)
      problems.add(options?.onKey === true ? found.key : (found.value?.span ?? found.key), message)
    },
    lineOf: (path) => {
      const { value, key } = find(tree, path)
      const { source, start } = value?.span ?? key
      return source.place(start).line
    },
  }
  checkNames(check)
  checkGroups(check)
  if (circles(check)) return
  checkAddresses(check)
  checkJumps(check)
  for (const checkGateway of GATEWAY_CHECKS) checkGateway(check)
}

function checkNames({ file, report }: Check): void {
  const hosts = Object.keys(file.hosts)
  if (hosts.length === 0) report(['hosts'], 'the inventory has no hosts')
  for (const name of Object.keys(file.groups)) {
    if (Object.hasOwn(file.hosts, name)) {
      report(
        ['groups', name],
        `\`${name}\` is the name of a host and of a group; give them different names`,
        ON_KEY,
      )
    }
  }
}

function checkGroups({ file, report }: Check): void {
  const hosts = Object.keys(file.hosts)
  const groups = Object.keys(file.groups)
  for (const [name, group] of Object.entries(file.groups)) {
    group.hosts?.forEach((host, index) => {
      if (Object.hasOwn(file.hosts, host)) return
      report(
        ['groups', name, 'hosts', String(index)],
        () => `there is no host \`${host}\`${suggestion(host, hosts)}`,
      )
    })
    group.children?.forEach((child, index) => {
      if (Object.hasOwn(file.groups, child)) return
      report(
        ['groups', name, 'children', String(index)],
        () => `there is no group \`${child}\`${suggestion(child, groups)}`,
      )
    })
  }
}

function circles({ file, report }: Check): boolean {
  const first = Object.keys(file.groups).find((name) => isInCircle(file.groups, name))
  if (first === undefined) return false
  report(
    ['groups', first, 'children'],
    `the children of \`${first}\` lead back to a group that is above them`,
  )
  return true
}

/** Within a group two hosts at one address and port are one host under two names, which would be changed twice. */
function checkAddresses({ file, report }: Check): void {
  const said = new Set<string>()
  for (const group of Object.keys(file.groups)) {
    const taken = new Map<string, string>()
    for (const name of hostsOfGroup(file.groups, group)) {
      const host = Object.hasOwn(file.hosts, name) ? file.hosts[name] : undefined
      if (host === undefined) continue
      const place = `${host.address.toLowerCase()} ${String(host.connection?.port ?? '')}`
      const other = taken.get(place)
      if (other === undefined) taken.set(place, name)
      else if (!said.has(name)) {
        said.add(name)
        report(
          ['hosts', name, 'address'],
          `\`${name}\` and \`${other}\` of the group \`${group}\` have the same address and port`,
        )
      }
    }
  }
}

function checkJumps(check: Check): void {
  const { file } = check
  checkJumpList(check, ['connection'], file.connection?.jump)
  for (const [name, group] of Object.entries(file.groups)) {
    checkJumpList(check, ['groups', name, 'connection'], group.connection?.jump)
  }
  for (const [name, host] of Object.entries(file.hosts)) {
    checkJumpList(check, ['hosts', name, 'connection'], host.connection?.jump)
  }
}

type JumpList = NonNullable<InventoryFile['connection']>['jump']

function checkJumpList({ file, report }: Check, path: Path, jump: JumpList): void {
  jump?.forEach((hop, index) => {
    if (typeof hop !== 'string' || Object.hasOwn(file.hosts, hop)) return
    report(
      [...path, 'jump', String(index)],
      () => `there is no host \`${hop}\` to jump through${suggestion(hop, Object.keys(file.hosts))}`,
    )
  })
}
