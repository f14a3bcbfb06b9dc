import { readFileSync, readdirSync } from 'node:fs'
import { GwError, type ErrorCode } from '../../src/errors.js'
import {
  FLEET_CHECKS,
  PHASES,
  type FleetCheckName,
  type HostHealth,
  type Judgement,
  type PhaseName,
  type Verdict,
} from '../../src/model/health.js'
import type { HealthView, HostView } from '../../src/ui/health-view.js'

/** A view as a file has it; a phase or check that it leaves out is passed. */
interface ViewFile {
  readonly environment: string
  readonly verdict: Verdict | null
  readonly hosts: Readonly<Record<string, HostFile>>
  readonly fleet: HealthView['fleet']
  readonly phases?: readonly PhaseName[]
  readonly checks?: readonly FleetCheckName[]
  readonly changed?: readonly string[]
  readonly at?: string
}

type HostFile =
  | 'pending'
  | { readonly error: { code: ErrorCode; message: string; nextSteps: string[] } }
  | { readonly judged: Omit<HostHealth, 'host'> }

const FOLDER = new URL('../cases/health-output/', import.meta.url)

export const PASS: Judgement = { verdict: 'pass', findings: [] }

/** Every case by its title. */
export const VIEWS: readonly (readonly [title: string, view: HealthView])[] = readdirSync(FOLDER).map(
  (title) => [
    title,
    readView(
      JSON.parse(readFileSync(new URL(`${encodeURIComponent(title)}/view.json`, FOLDER), 'utf8')) as ViewFile,
    ),
  ],
)

/** Where an output of the case stands. */
export function outputFile(title: string, name: string): string {
  return new URL(`${encodeURIComponent(title)}/${name}`, FOLDER).pathname.replaceAll('%20', ' ')
}

function readView({ hosts, fleet, phases = PHASES, checks = FLEET_CHECKS, ...file }: ViewFile): HealthView {
  return {
    environment: file.environment,
    verdict: file.verdict,
    phases,
    checks,
    hosts: Object.entries(hosts).map(([host, said]) => readHost(host, said, phases)),
    fleet: fleet === null ? null : { ...fleet, checks: { ...passed(checks), ...fleet.checks } },
    changed: new Set(file.changed),
    at: file.at === undefined ? null : new Date(file.at),
  }
}

function readHost(host: string, said: HostFile, phases: readonly PhaseName[]): HostView {
  if (said === 'pending') return { host, state: 'pending' }
  if ('error' in said) {
    const { code, message, nextSteps } = said.error
    return { host, state: 'unanswered', error: new GwError(code, message, { host, nextSteps }) }
  }
  const health = { host, ...said.judged, phases: { ...passed(phases), ...said.judged.phases } }
  return { host, state: 'judged', health }
}

function passed<Name extends string>(names: readonly Name[]): Record<Name, Judgement> {
  return Object.fromEntries(names.map((name) => [name, PASS])) as Record<Name, Judgement>
}
