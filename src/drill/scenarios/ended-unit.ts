import { sh, type Script } from '../../shell/script.js'
import type { Disturbance, Scenario } from './scenario.js'
import { needsUnits, NOTHING_AT_BOOT, RESUME_FUNCTION, startAgain } from './units.js'

/** What is the scenario's own of one in which a unit ends on the gateway that has the virtual IP. */
interface EndedUnit extends Pick<Scenario, 'name' | 'summary' | 'risk'> {
  readonly unit: 'nginx.service' | 'keepalived.service'
}

/** A unit is stopped, by systemd, until the undo. */
export function stopped(ended: Omit<EndedUnit, 'risk'>): Scenario {
  const { unit } = ended
  return endedUnit(
    { ...ended, risk: 'Its open connections are cut, as in every takeover' },
    {
      disturb: sh`systemctl stop --no-block ${unit}`,
      undo: sh`
        ${NOTHING_AT_BOOT}
        ${startAgain(unit)}`,
    },
  )
}

interface KilledUnit extends EndedUnit {
  /** Ends all its processes. */
  readonly kill: (unit: string) => Script
}

/** Every process of a unit is killed at once; systemd starts it again by itself. */
export function killed(ended: KilledUnit): Scenario {
  const { unit, kill } = ended
  return endedUnit(ended, {
    disturb: kill(unit),
    // One that was held and not killed any more goes on.
    undo: sh`
      ${NOTHING_AT_BOOT}
      ${RESUME_FUNCTION}
      resume ${unit}
      ${startAgain(unit)}`,
  })
}

function endedUnit({ name, summary, risk }: EndedUnit, scripts: Omit<Disturbance, 'ready'>): Scenario {
  return {
    ...{ name, summary, risk },
    expects: 'moves',
    on: 'holder',
    disturbs: [],
    reboots: false,
    disturbanceOn: () => ({ ready: needsUnits(['nginx.service', 'keepalived.service']), ...scripts }),
  }
}
