import { GatheredAnswers } from '../../src/engine/gather.js'
import { planPlays, type PlannedTask } from '../../src/engine/plan.js'
import type { PlayContext, Procedure, SurveyedPlaybook } from '../../src/engine/playbook.js'
import type { Question } from '../../src/facts/fact.js'
import type { FileState } from '../../src/facts/file.js'
import { loadInventory } from '../../src/inventory/load-inventory.js'
import type { Gateway } from '../../src/model/gateway.js'
import type { LockState } from '../../src/model/lock.js'
import type { NginxBuild } from '../../src/model/nginx-build.js'
import type { ReleaseStore } from '../../src/model/release-store.js'
import { sha256Of } from '../../src/operations/replacement.js'
import { SYSTEM_FILES } from '../../src/render/system-files.js'
import { ROOT } from '../root.js'

const CURRENT = '/var/lib/gw/current'

/** The gateway pair of the inventory that comes with gw, as the first of its hosts sees it. */
export async function production(): Promise<{ gateway: Gateway; context: PlayContext }> {
  const options = { projectDir: ROOT, env: { HOME: '/home/ann' } }
  const inventory = await loadInventory(`${ROOT}/inventory/production.yml`, options)
  const { gateway } = inventory
  if (gateway === null) throw new Error('production has no gateway')
  const hosts = inventory.hosts.filter(({ groups }) => groups.includes(gateway.group))
  const [host] = hosts
  if (host === undefined) throw new Error('production has no host')
  return { gateway, context: { inventory, host, hosts } }
}

function linkTo(target: string): FileState {
  const times = { changedAt: 1000, modifiedAt: 1000 }
  return { type: 'link', mode: '0777', owner: 'root', group: 'root', size: 1, ...times, target }
}

function textFile(content: string, mode: string): FileState {
  const times = { changedAt: 1000, modifiedAt: 1000 }
  const sha256 = sha256Of(content)
  return { type: 'file', mode, owner: 'root', group: 'root', size: 1, ...times, sha256, content: null }
}

/** Whatever is asked about besides is a folder that deploys make. */
const FOLDER = { ...linkTo(''), type: 'directory', mode: '0755' } as const

interface HostState {
  readonly store: ReleaseStore
  readonly nginx?: NginxBuild | null
  readonly lock?: LockState | null
  /** Releases that could not be started. */
  readonly broken?: readonly string[]
}

/** A host that has everything beside its release as it was deployed; its units run since 1500. */
export class GatewayHost {
  readonly #state: HostState
  readonly #files: ReadonlyMap<string, FileState>

  constructor(state: HostState) {
    this.#state = state
    const { current, live } = state.store
    this.#files = new Map([
      [CURRENT, linkTo(`/var/lib/gw/releases/${current ?? 'original'}`)],
      ['/etc/nginx/nginx.conf', linkTo(`${CURRENT}/nginx/nginx.conf`)],
      ['/etc/nginx/gw', linkTo(`${CURRENT}/nginx/gw`)],
      ['/etc/keepalived/keepalived.conf', linkTo(`${CURRENT}/keepalived/keepalived.conf`)],
      ...Object.values(SYSTEM_FILES).map(
        ({ path, content, mode }) => [path, textFile(content, mode)] as const,
      ),
      ...live.map(({ path }) => [`${CURRENT}/${path}`, textFile('old', '0644')] as const),
    ])
  }

  answers(questions: readonly Question<unknown>[]): GatheredAnswers {
    return new GatheredAnswers().with(
      new Map(questions.map((question) => [question.key, this.#say(question)])),
    )
  }

  #say({ fact, argument }: Question<unknown>): unknown {
    const { store, nginx = null, lock = null } = this.#state
    const unit = { load: 'loaded', active: 'active', sub: 'running', enabled: 'enabled', mainPid: 1 }
    const known: Readonly<Record<string, () => unknown>> = {
      'release-store': () => store,
      'nginx-build': () => nginx,
      'release-check': () => this.#check((argument as { release: string }).release),
      lock: () => ({ lock, token: lock?.token ?? 0 }),
      drift: () => [],
      objects: () => [],
      package: () => ({ installed: true, held: false, version: '1', configured: true }),
      unit: () => ({ ...unit, needsDaemonReload: false, startedAt: 1500, changedAt: 1500, reloaded: true }),
      file: () => this.#files.get((argument as { path: string }).path) ?? FOLDER,
    }
    return known[fact.name]?.()
  }

  #check(release: string): unknown {
    const tried = { status: this.#state.broken?.includes(release) === true ? 1 : 0, output: '' }
    const manifest = { release, files: [] }
    return { manifest, files: [], nginx: tried, keepalived: tried, missingModules: [], certificates: [] }
  }
}

interface Planned extends Procedure {
  /** What is decided on the first host, by the tasks' names. */
  readonly decisions: ReadonlyMap<string, PlannedTask['decision']>
  /** What is asked only once the procedure is known. */
  readonly unforeseen: readonly Question<unknown>[]
}

/** What a playbook does on hosts that stand so. */
export function planned(
  playbook: SurveyedPlaybook,
  context: PlayContext,
  hosts: readonly GatewayHost[],
): Planned {
  const questions = playbook.questions(context)
  const survey = new Map(
    hosts.map((host, index) => [context.hosts[index]?.name ?? '', host.answers(questions)]),
  )
  const procedure = playbook.procedure(survey)
  const own = procedure.plays.map((play) => ({ play, tasks: play.tasks(context) }))
  const later = own.flatMap(({ tasks }) => tasks).flatMap(({ operation }) => operation.questions)
  const asked = new Set(questions.map(({ key }) => key))
  const answers = hosts[0]?.answers([...questions, ...later])
  if (answers === undefined) throw new Error('there is no host')
  const tasks = planPlays(own, answers).flatMap((play) => play.tasks)
  return {
    ...procedure,
    decisions: new Map(tasks.map(({ task, decision }) => [task.name, decision])),
    unforeseen: later.filter(({ key }) => !asked.has(key)),
  }
}
