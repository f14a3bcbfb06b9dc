/** What a playbook of your own imports from 'gw'. This surface is stable; everything else is gw's own business. */
export {
  play,
  playbook,
  task,
  type Play,
  type Playbook,
  type PlayContext,
  type Task,
} from './engine/playbook.js'
export { ask, type Answers, type Fact, type Question } from './facts/fact.js'
export { addressHeld } from './facts/address.js'
export type { Gateway, VirtualIp, VrrpProfile } from './model/gateway.js'
export type { Host, Value } from './model/host.js'
export type { Inventory } from './model/inventory.js'
export type { Pool, Server } from './model/pool.js'
export type { RenderedFile } from './model/rendered-file.js'
export type { Route } from './model/route.js'
export { Secret } from './model/secret.js'
export { absent } from './operations/absent.js'
export { command } from './operations/command.js'
export { directory } from './operations/directory.js'
export { file } from './operations/file.js'
export { link } from './operations/link.js'
export type { Decision, Operation, TextChange, Upcoming } from './operations/operation.js'
export { aptPackage } from './operations/package.js'
export { sysctl } from './operations/sysctl.js'
export { unit } from './operations/unit.js'
export { user } from './operations/user.js'
export { lines, sh, type Script, type Word } from './shell/script.js'
