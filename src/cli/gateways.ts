import { askHosts } from '../engine/ask.js'
import { outcomeOfError } from '../engine/report.js'
import type { Reach } from '../engine/session.js'
import { EXIT, GwError } from '../errors.js'
import type { Answers, Question } from '../facts/fact.js'
import type { Host } from '../model/host.js'
import type { Outcome } from '../model/outcome.js'
import type { CommandContext } from './base-command.js'
import type { FleetSelection } from './fleet-flags.js'
import { loadFleet, openReach, type Fleet } from './fleet.js'
import { withEnvironment } from './named-environment.js'
import { gravestExit, hostError, type CommandResult, type HostResult } from './result.js'

/** What some hosts answered, and why the others did not. In the order of the inventory. */
export interface Asked {
  readonly answers: ReadonlyMap<string, Answers>
  readonly errors: readonly GwError[]
}

/** The gateways of an environment, for commands that ask them and change nothing. */
export interface Gateways {
  readonly fleet: Fleet
  readonly hosts: readonly Host[]
  readonly reach: Reach
  ask(hosts: readonly Host[], questionsFor: (host: Host) => readonly Question<unknown>[]): Promise<Asked>
}

/** @throws GwError as the inventory does, and when --limit leaves no gateway */
export async function loadGateways(
  selection: FleetSelection,
  { interrupts: { stop: signal } }: CommandContext,
): Promise<Gateways> {
  const fleet = await loadFleet(selection)
  const reach = openReach({ environment: fleet.typed, signal })
  const options = { reach, forks: selection.forks, signal }
  return {
    fleet,
    hosts: gatewayHosts(fleet),
    reach,
    ask: async (hosts, questionsFor) => {
      const all = [...(await askHosts(hosts, questionsFor, options))]
      return {
        answers: new Map(
          all.flatMap(([name, answer]) => (answer instanceof GwError ? [] : [[name, answer]])),
        ),
        errors: all.flatMap(([, answer]) =>
          answer instanceof GwError ? [withEnvironment(answer, fleet.typed)] : [],
        ),
      }
    },
  }
}

/**
 * The gateways among the hosts that a command may touch; in an inventory without a gateway, all of these.
 * @throws GwError UNKNOWN_HOST_OR_GROUP when there are none
 */
function gatewayHosts({ inventory: { gateway }, hosts, typed }: Fleet): readonly Host[] {
  const found = gateway === null ? hosts : hosts.filter(({ groups }) => groups.includes(gateway.group))
  if (found.length > 0) return found
  throw new GwError('UNKNOWN_HOST_OR_GROUP', 'no gateway is among the hosts of --limit', {
    nextSteps: [`gw inventory show ${typed} lists hosts and groups.`],
  })
}

/** What every command that only asks says in the same way: a host that gave no answer decides the exit code. */
export function askedResult(
  { fleet, hosts }: Gateways,
  errors: readonly GwError[],
  { interrupts }: CommandContext,
): Pick<CommandResult, 'exitCode' | 'environment' | 'hosts' | 'errors'> {
  const byHost = new Map(errors.map((error) => [error.host, error]))
  return {
    exitCode: interrupts.stop.aborted ? EXIT.interrupted : gravestExit(errors),
    environment: fleet.inventory.environment,
    hosts: hostsWith('ok', hosts, byHost),
    errors,
  }
}

/** Hosts as `--json` shows them: those without an error with `outcome`. */
export function hostsWith(
  outcome: Outcome,
  hosts: readonly Host[],
  errors: ReadonlyMap<string | undefined, GwError>,
): Record<string, HostResult> {
  return Object.fromEntries(
    hosts.map(({ name }) => {
      const error = errors.get(name) ?? null
      const ended = error === null ? outcome : outcomeOfError(error)
      return [name, { outcome: ended, changes: [], ...hostError(error) }]
    }),
  )
}
