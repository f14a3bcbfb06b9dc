import type { StatePaths } from '../model/state-paths.js'
import { lines, sh, type Script } from '../shell/script.js'
import type { Fact } from './fact.js'
import { isWord, type Notes, objectOf, printNotes, readNotes, wordIn } from './notes.js'
import { endSection, sectionsOf } from './release-files.js'

interface DrillQuestion {
  readonly paths: StatePaths
}

/** A drill's fault that is not undone. */
export interface ArmedDrill {
  readonly run: string
  readonly scenario: string
  /** In how many seconds the host undoes it alone; less than 0 when it should have. */
  readonly leftSeconds: number
}

/** A drill's fault that was undone last. */
export interface UndoneDrill {
  readonly run: string
  readonly scenario: string
  /** UTC, ISO 8601, by the clock of the host. */
  readonly time: string
  /** `gw`: by the run itself. `host`: when the time was over. `boot`: at boot. `takeover`: by another run that took its lock over. */
  readonly by: 'gw' | 'host' | 'boot' | 'takeover'
}

export interface DrillState {
  readonly armed: ArmedDrill | null
  readonly undone: UndoneDrill | null
}

/** What drills have left on a host; texts are clean. */
export const drillState: Fact<DrillQuestion, DrillState> = {
  name: 'drill',
  script: (args) => lines(args.map(({ paths }) => stateScript(paths))),
  parse(output, args) {
    const sections = sectionsOf(output)
    if (sections.length !== args.length)
      throw new Error(`${sections.length} answers about drills where ${args.length} were asked for`)
    return sections.map(readState)
  },
}

/** No process at all: it is asked at every look. */
function stateScript({ root }: StatePaths): Script {
  return sh`
    (
    read -r now _ </proc/uptime
    read -r boot </proc/sys/kernel/random/boot_id
    printf 'now\0=%s\0boot\0=%s\0' "$now" "$boot"
    if cd -- ${root}; then
      [ ! -d drill ] || printf 'drill\0=\0'
      ${printNotes(sh`drill/run drill/scenario drill/deadline drilled`)}
    fi 2>/dev/null
    ${endSection}
    )`
}

function readState(records: readonly string[]): DrillState {
  const noted = readNotes(records)
  return {
    armed: noted.has('drill') ? armedOf(noted) : null,
    undone: undoneOf(noted.get('drilled')),
  }
}

function armedOf(noted: Notes): ArmedDrill {
  return {
    run: wordIn(noted, 'drill/run'),
    scenario: wordIn(noted, 'drill/scenario'),
    leftSeconds: leftOf(noted),
  }
}

const OVERDUE = -1

/** Reckoned by the time since boot. After another boot it should have been undone, and so when nothing is known. */
function leftOf(noted: Notes): number {
  const [deadline = '', boot] = (noted.get('drill/deadline') ?? '').split(' ')
  const left = Math.floor(Number(deadline) / 100 - Number(noted.get('now')))
  const isKnown = /^\d{1,15}$/.test(deadline) && Number.isFinite(left) && boot === noted.get('boot')
  return isKnown ? left : OVERDUE
}

const UNDONE_BY: readonly unknown[] = ['gw', 'host', 'boot', 'takeover'] satisfies UndoneDrill['by'][]

function undoneOf(line: string | undefined): UndoneDrill | null {
  if (line === undefined) return null
  const { run, scenario, time, by } = objectOf(line)
  const isWhole = [run, scenario, time].every(isWord) && UNDONE_BY.includes(by)
  return isWhole ? ({ run, scenario, time, by } as UndoneDrill) : null
}
