import { addressHeld } from '../facts/address.js'
import { ask, type Answers } from '../facts/fact.js'
import type { Gateway } from '../model/gateway.js'
import { DRILL } from '../release/fleet-drills.js'
import { fleetState, type FleetState, type HostState } from '../release/fleet-state.js'
import { STORE } from '../release/publication.js'
import { LOCK } from '../release/settling.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { askedResult, loadGateways } from './gateways.js'
import type { CommandResult } from './result.js'
import { confirmedOf, statusText } from './status-text.js'

/** Shows what the gateways serve, who is at work on them, and what was left or undone. */
export async function runStatusCommand(
  selection: FleetSelection,
  context: CommandContext,
): Promise<CommandResult> {
  const gateways = await loadGateways(selection, context)
  const { inventory, typed } = gateways.fleet
  const held = holdsAddress(inventory.gateway)
  const questions = [STORE, LOCK, DRILL, ...(held === null ? [] : [held])]
  const { answers, errors } = await gateways.ask(gateways.hosts, () => questions)
  const hosts = [...answers].map(([host, answer]) => hostState(host, answer, held))
  const missing = gateways.hosts.map(({ name }) => name).filter((name) => !answers.has(name))
  const state = fleetState(hosts, missing)
  return {
    ...askedResult(gateways, errors, context),
    text: statusText(hosts, state, typed, context.terminal.paintOut),
    data: { fleet: fleetJson(hosts, state) },
  }
}

type AddressQuestion = ReturnType<typeof ask<{ address: string }, boolean>>

function holdsAddress(gateway: Gateway | null): AddressQuestion | null {
  return gateway === null ? null : ask(addressHeld, { address: gateway.virtualIp.address })
}

function hostState(host: string, answers: Answers, held: AddressQuestion | null): HostState {
  return {
    host,
    store: answers.to(STORE),
    lock: answers.to(LOCK).lock,
    drill: answers.to(DRILL),
    holdsAddress: held === null ? null : answers.to(held),
  }
}

function fleetJson(hosts: readonly HostState[], { word, ...state }: FleetState) {
  const gateways = hosts.map(({ host, store, lock, holdsAddress }) => [
    host,
    {
      release: store.current,
      confirmed: confirmedOf(store),
      previous: store.previous,
      holdsAddress,
      lock: lock === null ? null : { ...lock.holder, token: lock.token, leftSeconds: lock.leftSeconds },
      trial: store.trial,
      reverted: store.reverted,
    },
  ])
  return { state: word, ...state, gateways: Object.fromEntries(gateways) as unknown }
}
