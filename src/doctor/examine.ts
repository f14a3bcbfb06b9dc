import { randomBytes } from 'node:crypto'
import { ForwardingForbidden } from '../connection/connection.js'
import { gather } from '../engine/gather.js'
import { inTurns } from '../engine/in-turns.js'
import { patiently } from '../engine/patience.js'
import { HostSession, type Reach } from '../engine/session.js'
import { GwError } from '../errors.js'
import type { Gateway } from '../model/gateway.js'
import type { Host } from '../model/host.js'
import { frame, framesWithText } from '../shell/frames.js'
import { sh } from '../shell/script.js'
import { vrrpAddress } from './checks/interface.js'
import type { Examination, HostAnswers, HostExamination } from './examination.js'
import { hearingScript, MOST_HEARING_MS, parseHearing, type Hearing, type Roundtable } from './hearing.js'
import { examineMachine } from './machine.js'
import { QUESTIONS, readAnswers, type Told } from './questions.js'

export interface ExamineOptions {
  readonly reach: Reach
  /** How many hosts are asked at once. */
  readonly forks: number
  /** How long a host may take to answer, in milliseconds; what the gateways hear of each other has its own time. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** null in an inventory that describes none. */
  readonly gateway: Gateway | null
  /** Node's version, as Node says it. */
  readonly node: string
}

/** A host that was asked, whose connection is still open. */
interface Patient {
  readonly session: HostSession
  readonly told: Told
  readonly forwards: boolean | null
}

const MOST_HEARD = 256 * 1024

/**
 * Looks at this machine, at the hosts, and at the network between the gateways. It changes nothing, and costs a host one
 * connection and two programs: the second one only when all have answered the first, since gateways must talk to each
 * other at the same time.
 * @throws GwError INTERRUPTED
 */
export async function examine(hosts: readonly Host[], options: ExamineOptions): Promise<Examination> {
  const machine = examineMachine(hosts, options.node)
  const asked = await inTurns(hosts, options.forks, (host) =>
    ask(new HostSession(host, options.reach), options),
  )
  const patients = asked.flatMap((each) => (each instanceof GwError ? [] : [each]))
  try {
    const table = roundtable(patients, options.gateway)
    const examined = await Promise.all(
      hosts.map(async (host, index): Promise<HostExamination> => {
        const patient = asked[index]
        const isGateway = isGatewayOf(options.gateway, host)
        if (patient === undefined || patient instanceof GwError)
          return { host, isGateway, answers: patient ?? unasked(host) }
        return { host, isGateway, answers: await together(patient, table, options) }
      }),
    )
    if (options.signal.aborted)
      throw new GwError('INTERRUPTED', 'interrupted while looking; nothing was changed')
    return { machine: await machine, hosts: examined }
  } finally {
    await Promise.all(patients.map(({ session }) => session.close()))
  }
}

function isGatewayOf(gateway: Gateway | null, { groups }: Host): boolean {
  return gateway !== null && groups.includes(gateway.group)
}

function unasked({ name }: Host): GwError {
  return new GwError('INTERRUPTED', 'interrupted before the host answered', { host: name })
}

async function ask(session: HostSession, options: ExamineOptions): Promise<Patient | GwError> {
  const { signal, timeoutMs: ms, gateway } = options
  const { host } = session
  try {
    return await patiently(host, { ms, signal }, async (stop, reached) => {
      await session.connect(stop)
      reached()
      const told = readAnswers(await gather(session, QUESTIONS, stop))
      const forwards = isGatewayOf(gateway, host) ? await canForward(session, told, stop) : null
      return { session, told, forwards }
    })
  } catch (error) {
    // Not waited for: a host that hangs may let nobody out, either.
    session.drop()
    if (error instanceof GwError) return error
    throw error
  }
}

/** Whether sshd lets connections through; that nothing listens where it tries would be an answer, too. */
async function canForward(
  session: HostSession,
  { listeners }: Told,
  signal: AbortSignal,
): Promise<boolean | null> {
  // NGINX says nothing of a connection without a request; sshd writes down that somebody did not log in.
  const served = listeners.find(
    ({ address, programs }) => ['0.0.0.0', '*'].includes(address) && programs.includes('nginx'),
  )
  try {
    const port = served?.port ?? session.host.connection.port
    const stream = await session.forward('127.0.0.1', port, signal)
    stream.on('error', () => undefined)
    stream.destroy()
    return true
  } catch (error) {
    if (error instanceof ForwardingForbidden) return false
    if (!(error instanceof GwError)) throw error
    return error.code === 'CONNECTION_REFUSED' ? true : null
  }
}

/** Those that can speak VRRP to each other, of whom there must be two. */
function roundtable(patients: readonly Patient[], gateway: Gateway | null): Roundtable | null {
  if (gateway === null || gateway.virtualIp.address.includes(':')) return null
  const { virtualIp } = gateway
  const addresses = patients.flatMap(({ session: { host }, told }) => {
    const address = isGatewayOf(gateway, host) ? vrrpAddress(host.name, told.interfaces, virtualIp) : null
    return address === null || told.system.missing.includes('perl') ? [] : [[host.name, address] as const]
  })
  return { nonce: randomBytes(8).toString('hex'), virtualIp, addresses: Object.fromEntries(addresses) }
}

/** What needs all hosts at the same time: their clocks, and what the gateways hear of each other. */
async function together(
  { session, told, forwards }: Patient,
  table: Roundtable | null,
  { signal, timeoutMs }: ExamineOptions,
): Promise<HostAnswers | GwError> {
  const { name } = session.host
  const speaks = table !== null && name in table.addresses
  const hearing = speaks ? hearingScript(table, name) : sh`:`
  const text = `${frame('clock "$(date +%s.%N)"')}\n(\n${hearing.text}\n)\n${frame('heard')}`
  let clockOffset: number | null = null
  let heard: Hearing | null = null
  const listener = framesWithText(([kind, time], said) => {
    if (kind === 'clock') clockOffset = offsetOf(time ?? '')
    else if (speaks) heard = parseHearing(said, Object.keys(table.addresses))
  })
  try {
    const deadlineMs = timeoutMs + MOST_HEARING_MS
    await session.run({ text }, listener, { deadlineMs, maxOutputBytes: MOST_HEARD, signal })
    return { ...told, forwards, clockOffset, hearing: heard }
  } catch (error) {
    session.drop()
    if (error instanceof GwError) return error
    throw error
  }
}

/** How far a clock that just showed this time is from this machine's, in seconds. */
function offsetOf(time: string): number | null {
  return /^\d+\.\d+$/.test(time) ? Number(time) - Date.now() / 1000 : null
}
