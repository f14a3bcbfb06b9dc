import { GwError } from '../errors.js'
import { judged, unjudged } from '../health/judgement.js'
import type { Gateway } from '../model/gateway.js'
import type { Judgement, Verdict } from '../model/health.js'
import { commonClock, judgeClock, judgeOwnClock, type CommonClock } from './checks/clock.js'
import { judgeDisk } from './checks/disk.js'
import { judgeForwarding } from './checks/forwarding.js'
import { judgeInterface } from './checks/interface.js'
import { judgeLogin } from './checks/login.js'
import { judgeKeys, judgeNode } from './checks/machine.js'
import { judgeMemory } from './checks/memory.js'
import { judgePackages } from './checks/packages.js'
import { judgePorts } from './checks/ports.js'
import { judgeSystem } from './checks/system.js'
import { judgeVrrp, type Listening } from './checks/vrrp.js'
import { HOST_CHECKS, type Checks, type Diagnosis, type HostCheckName } from './diagnosis.js'
import type { Examination, HostAnswers, HostExamination } from './examination.js'

/** Pure: every check of everything that was seen; `gateway` is null in an inventory that describes none. */
export function diagnose({ machine, hosts }: Examination, gateway: Gateway | null): Diagnosis {
  const offsets = hosts.flatMap(({ answers }) =>
    answers instanceof GwError || answers.clockOffset === null ? [] : [answers.clockOffset],
  )
  const loggedIn = hosts.some(({ answers }) => !(answers instanceof GwError))
  const checks = {
    machine: {
      node: judgeNode(machine.node),
      keys: judgeKeys(machine, loggedIn),
      clock: judgeOwnClock(offsets),
    },
    hosts: hosts.map((host) => ({
      host: host.host.name,
      checks: hostChecks(host, gateway, commonClock(offsets)),
    })),
    network: gateway !== null && hasAll(hosts, gateway) ? { vrrp: judgeNetwork(hosts, gateway) } : {},
  }
  const judgements = [checks.machine, checks.network, ...checks.hosts.map((host) => host.checks)]
  return { ...checks, verdict: verdictOf(judgements.flatMap((each) => Object.values(each))) }
}

function hostChecks(
  { host: { name }, answers, isGateway }: HostExamination,
  gateway: Gateway | null,
  common: CommonClock,
): Checks<HostCheckName> {
  if (answers instanceof GwError) return { login: judgeLogin(answers) }
  const { system, rooms, clockOffset } = answers
  return inOrder({
    login: judgeLogin(null),
    disk: judgeDisk(name, rooms),
    memory: judgeMemory(name, system),
    clock: judgeClock(name, clockOffset, { common, kept: system.clockKept }),
    ...(isGateway && gateway !== null ? gatewayChecks(name, answers, gateway) : {}),
  })
}

function inOrder(checks: Checks<HostCheckName>): Checks<HostCheckName> {
  return Object.fromEntries(
    HOST_CHECKS.flatMap((name) => (checks[name] === undefined ? [] : [[name, checks[name]]])),
  )
}

function gatewayChecks(
  name: string,
  { system, apt, interfaces, listeners, forwards }: HostAnswers,
  { virtualIp }: Gateway,
): Checks<HostCheckName> {
  return {
    system: judgeSystem(name, system, apt !== null),
    packages: judgePackages(name, apt),
    interface: judgeInterface(name, interfaces, virtualIp),
    ports: judgePorts(name, listeners),
    forwarding: judgeForwarding(name, forwards),
  }
}

/** With some of the gateways only there is nothing to say of the network between all of them. */
function hasAll(hosts: readonly HostExamination[], { virtualIp }: Gateway): boolean {
  const names = hosts.map(({ host }) => host.name)
  return Object.keys(virtualIp.addresses).every((name) => names.includes(name))
}

function judgeNetwork(hosts: readonly HostExamination[], { virtualIp }: Gateway): Judgement {
  const gateways = hosts.filter(({ isGateway }) => isGateway)
  if (gateways.length < 2) return judged([])
  if (virtualIp.address.includes(':')) return unjudged('VRRP between the gateways is tried with IPv4 only')
  return judgeVrrp(gateways.map(listeningOf), virtualIp)
}

function listeningOf({ host: { name }, answers }: HostExamination): Listening {
  if (answers instanceof GwError)
    return { host: name, hearing: { instead: 'it could not be asked, as its check login tells' } }
  return { host: name, hearing: answers.hearing ?? { instead: 'its checks system and interface tell why' } }
}

function verdictOf(judgements: readonly Judgement[]): Verdict {
  const verdicts = judgements.map(({ verdict }) => verdict)
  if (verdicts.includes('fail')) return 'fail'
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'pass'
}
