import { type Script, sh } from '../../shell/script.js'

/** Fails unless all of them run: an undo must never start what did not run before. */
export function needsUnits(units: readonly string[]): Script {
  return sh`
    for unit in ${units}; do
      if ! systemctl is-active --quiet "$unit"; then
        echo "$unit does not run" >&2
        exit 1
      fi
    done`
}

/** systemd starts units at boot by itself, once what was undone there is over. */
export const NOTHING_AT_BOOT = sh`[ "$by" != boot ] || exit 0`

/** How long a unit may take to start, in seconds: an undo has 30. */
const LONGEST_START = 20

/** Starts a unit again, which may be on its way up or down. */
export function startAgain(unit: string): Script {
  return sh`
    systemctl reset-failed --quiet ${unit} 2>/dev/null || :
    timeout ${LONGEST_START} systemctl start ${unit}`
}

/** Every process of a unit ends at once. */
export function killAll(unit: string): Script {
  return sh`systemctl kill --signal=SIGKILL ${unit}`
}

/**
 * The same where a child whose parent alone has ended would do something about it, as keepalived's takes the address away.
 * What is held does not serve until it is killed, which is in the outage.
 */
export function holdAndKillAll(unit: string): Script {
  return sh`
    systemctl kill --signal=SIGSTOP ${unit}
    ${killAll(unit)}`
}

/** Every process of the units stands still, in this order. */
export function freeze(units: readonly string[]): Script {
  return sh`
    for unit in ${units}; do
      systemctl kill --signal=SIGSTOP "$unit"
    done`
}

/** Shell function `resume UNIT`: its processes go on, if it has any. */
export const RESUME_FUNCTION = sh`
  resume() {
    systemctl kill --signal=SIGCONT "$1" 2>/dev/null || ! systemctl is-active --quiet "$1"
  }`
