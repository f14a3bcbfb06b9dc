import { posix } from 'node:path'
import {
  play,
  type Play,
  questionsOf,
  type Survey,
  type SurveyedPlaybook,
  task,
  type Task,
} from '../src/engine/playbook.js'
import { ask } from '../src/facts/fact.js'
import { nginxBuild } from '../src/facts/nginx-build.js'
import type { Gateway } from '../src/model/gateway.js'
import { AUDIT_FILE, STATE } from '../src/model/state-paths.js'
import type { Certificate } from '../src/model/tls.js'
import { command } from '../src/operations/command.js'
import { directory } from '../src/operations/directory.js'
import { file } from '../src/operations/file.js'
import type { Operation } from '../src/operations/operation.js'
import { aptPackage } from '../src/operations/package.js'
import { unit } from '../src/operations/unit.js'
import { adoptRelease } from '../src/release/adopt.js'
import {
  planDeploy,
  releasesBefore,
  type DeployIntent,
  type DeployPlan,
  type Standing,
} from '../src/release/deploy-plan.js'
import { driftInquiry, handleDrift } from '../src/release/handle-drift.js'
import { procedureTo, publicationPlay, STORE, UNNAMED } from '../src/release/publication.js'
import { stageRelease, wantedIsCurrent } from '../src/release/stage.js'
import { testRelease } from '../src/release/test-release.js'
import { BACKUP_TIMER } from '../src/render/backup/units.js'
import { NGINX_STATE_FOLDER } from '../src/render/keepalived/configuration.js'
import { BUILD_PER_DIALECT } from '../src/render/nginx/dialect.js'
import { LIVENESS_UNIT } from '../src/render/liveness/unit.js'
import { ACME_FOLDER } from '../src/render/nginx/site.js'
import { releasesOf, type ReleaseRenderer } from '../src/render/release.js'
import { REVERT_UNIT } from '../src/render/revert-unit.js'
import { SYSTEM_FILES } from '../src/render/system-files.js'
import { sh } from '../src/shell/script.js'

const BUILD = ask(nginxBuild, {})
const DRIFT = driftInquiry({ paths: STATE })

const DRAFT: DeployPlan = { release: UNNAMED, required: false, adopted: null, stores: {} }

/**
 * Makes bare hosts a serving gateway pair, and keeps them one: packages, then a release that lies tested on every host
 * before any of them publishes it, then publishing one host at a time, the holder of the virtual IP last.
 */
export function deploy(
  gateway: Gateway,
  certificates: readonly Certificate[],
  intent: DeployIntent,
): SurveyedPlaybook {
  const releaseOf = releasesOf(gateway, certificates)
  const playsOf = (plan: DeployPlan): Play[] => [
    play({ name: 'Install packages', hosts: gateway.group, tasks: packages }),
    play({
      name: 'Stage',
      hosts: gateway.group,
      tasks: ({ host }) => [
        ...edits(plan, intent),
        ...folders(gateway),
        ...systemFiles(),
        staging(plan, intent, releaseOf(host.name)),
      ],
    }),
    publicationPlay({
      ...intent,
      gateway,
      stores: plan.stores,
      releaseOf: () => plan.release,
      filesOf: (host) => BUILD_PER_DIALECT.flatMap(releaseOf(host)).map(({ path }) => path),
    }),
  ]
  return {
    name: 'deploy',
    hosts: gateway.group,
    questions: (context) => [STORE, BUILD, ...questionsOf(playsOf(DRAFT), context)],
    procedure: (survey) => {
      const plan = planDeploy(standingsOf(survey, releaseOf), intent)
      return { ...procedureTo(plan.release, plan.stores, playsOf(plan)), before: releasesBefore(plan) }
    },
  }
}

/** Hosts beside what the inventory wants of them. */
function standingsOf(survey: Survey, releaseOf: (host: string) => ReleaseRenderer): Record<string, Standing> {
  return Object.fromEntries(
    [...survey].map(([host, answers]) => {
      const store = answers.to(STORE)
      const isWanted = wantedIsCurrent(store, releaseOf(host)(answers.to(BUILD)))
      const isEdited = DRIFT.report(answers, store).drift.length > 0
      return [host, { store, isWanted, isEdited }]
    }),
  )
}

function packages(): Task[] {
  return [
    task('Install NGINX', aptPackage({ name: 'nginx' })),
    task('Install keepalived', aptPackage({ name: 'keepalived' })),
  ]
}

function folders({ routes }: Gateway): Task[] {
  const served = new Set(
    routes.flatMap((route) => (route.kind === 'files' ? route.folder.replace(/\/$/, '') : [])),
  )
  return [
    task('Make the folder of NGINX state', directory({ path: NGINX_STATE_FOLDER })),
    task('Make it at every boot', file(SYSTEM_FILES.stateFolder)),
    task('Make the folder of the audit file', directory({ path: posix.dirname(AUDIT_FILE) })),
    task('Make the folder of ACME challenges', directory({ path: ACME_FOLDER })),
    // Whoever puts files there may own it: it is only made.
    ...[...served].map((path) => {
      const name = `Make ${path}`
      return task(
        `${name} for static files`,
        command({ name, script: sh`mkdir -p -- ${path}`, creates: path }),
      )
    }),
  ]
}

function systemFiles(): Task[] {
  return [
    task("Make the folder of gw's programs", folderOf(SYSTEM_FILES.notifyScript)),
    task('Let keepalived tell its state', file(SYSTEM_FILES.notifyScript)),
    task("Make the folder of NGINX's unit", folderOf(SYSTEM_FILES.nginxUnit)),
    task('Let NGINX tell its state', file(SYSTEM_FILES.nginxUnit)),
    task("Make the folder of keepalived's unit", folderOf(SYSTEM_FILES.keepalivedUnit)),
    task('Let keepalived come back', file(SYSTEM_FILES.keepalivedUnit)),
    task('Let the host ask NGINX whether it answers', file(SYSTEM_FILES.livenessScript)),
    task('Say how it is asked', file(SYSTEM_FILES.livenessUnit)),
    task(
      'Ask it all the time',
      unit({
        name: LIVENESS_UNIT,
        enabled: true,
        running: true,
        restartOn: [SYSTEM_FILES.livenessScript.path, SYSTEM_FILES.livenessUnit.path],
      }),
    ),
    task('Let a boot take back what nobody confirmed', file(SYSTEM_FILES.revertUnit)),
    task('Do so at every boot', unit({ name: REVERT_UNIT, enabled: true })),
    task('Let the host make backups', file(SYSTEM_FILES.backupScript)),
    task('Say how a backup is made', file(SYSTEM_FILES.backupService)),
    task('Say when a backup is made', file(SYSTEM_FILES.backupTimer)),
    task('Make a backup every night', unit({ name: BACKUP_TIMER, enabled: true, running: true })),
  ]
}

/** Nothing that somebody changed by hand is lost: it stops the deploy, becomes a release of its own, or is put aside. */
function edits({ adopted }: DeployPlan, { drift, run, meta }: DeployIntent): Task[] {
  const common = { paths: STATE, store: STORE }
  if (adopted !== null) {
    const adopt = { ...common, name: adopted, required: true, meta, run, test: testRelease }
    return [task(`Keep what was changed by hand as ${adopted}`, adoptRelease(adopt))]
  }
  const mode = drift === 'overwrite' ? 'overwrite' : 'refuse'
  return [task('Look for what was changed by hand', handleDrift({ ...common, mode }))]
}

/** The release as it is rendered for the NGINX that the host has. */
function staging(plan: DeployPlan, { run, meta }: DeployIntent, render: ReleaseRenderer): Task {
  const { release: name, required } = plan
  const files = { question: BUILD, render, likely: BUILD_PER_DIALECT }
  const stage = { name, required, files, meta, run, paths: STATE, store: STORE, test: testRelease }
  return task(`Stage ${name}`, stageRelease(stage))
}

function folderOf({ path }: { readonly path: string }): Operation {
  return directory({ path: posix.dirname(path) })
}
