import type { Holder, LockState } from '../model/lock.js'
import type { StatePaths } from '../model/state-paths.js'
import { cleanLine } from '../shell/clean.js'
import { lines, type Script, sh } from '../shell/script.js'
import type { Fact } from './fact.js'

interface LockQuestion {
  readonly paths: StatePaths
}

/** Who may change a host now, null for nobody, and the last fencing token that was given out there (0 for none). */
export interface LockSeen {
  readonly lock: LockState | null
  readonly token: number
}

const MAX_HOLDER_BYTES = 65_536

/** A lock as its host has it; read under `guard`, so that it is never half of one and half of the next. */
export const lockState: Fact<LockQuestion, LockSeen> = {
  name: 'lock',
  script: (args) =>
    lines(
      args.map(
        ({ paths }) => sh`
          (
            if [ -e ${paths.guard} ]; then command exec 8<${paths.guard} && flock -s -w 5 8; fi
            ${readLock(paths)}
            printf '%s\n' "$(gw_lock_words)"
          )`,
      ),
    ),
  parse(output, args) {
    const rows = output.split('\n').filter((line) => line !== '')
    if (rows.length !== args.length)
      throw new Error(`${rows.length} locks where ${args.length} were asked for`)
    return rows.map((row) => parseLockWords(row.split(' ')))
  },
}

/**
 * Shell that reads a lock: `gw_is` (none, live, over), `gw_token` and `gw_run` of its lease, `gw_left` (seconds that the
 * lease still runs, 0 or less when it is over), `gw_last` (the last token given out), `gw_now` and `gw_boot`, by which
 * leases are reckoned. Whatever stands in the files, the numbers are numbers. `gw_lock_words` prints it for `parseLockWords`.
 */
export function readLock(paths: StatePaths): Script {
  return sh`
    gw_is=none gw_token=0 gw_run=- gw_left=0 gw_last=0 gw_deadline=0 gw_lease_boot=
    read -r gw_now gw_rest </proc/uptime
    gw_now=\${gw_now%.*}
    read -r gw_boot </proc/sys/kernel/random/boot_id
    { read -r gw_last <${paths.token}; } 2>/dev/null || :
    if [ -e ${paths.lock} ]; then
      gw_is=over
      { read -r gw_token gw_deadline gw_lease_boot gw_run gw_rest <${`${paths.lock}/lease`}; } 2>/dev/null || :
    fi
    ${lines(['gw_token', 'gw_deadline', 'gw_last'].map(numberOrZero))}
    case $gw_run in '' | *[!0-9A-Za-z]*) gw_run=- ;; esac
    if [ "$gw_is" = over ]; then
      gw_left=$((gw_deadline - gw_now))
      if [ "$gw_left" -gt 0 ]; then
        if [ "$gw_lease_boot" = "$gw_boot" ]; then gw_is=live; else gw_left=0; fi
      fi
    fi
    gw_lock_words() {
      gw_holder=$(head -c ${MAX_HOLDER_BYTES} ${`${paths.lock}/holder.json`} 2>/dev/null | base64 -w 0)
      echo "$gw_token $gw_is $gw_left $gw_run $gw_last \${gw_holder:--}"
    }`
}

/** What the shell would not reckon with (nothing, letters, an octal, more than 15 digits) counts as 0. */
function numberOrZero(name: string): Script {
  return sh`case $${name} in '' | *[!0-9]* | 0?* | ????????????????*) ${name}=0 ;; esac`
}

/** Reads what `gw_lock_words` printed. @throws Error when it is something else */
export function parseLockWords(words: readonly string[]): LockSeen {
  const [token, is, left, run, last, holder] = words
  const [seen, leftSeconds, lastToken] = [Number(token), Number(left), Number(last)]
  if (
    ![seen, leftSeconds, lastToken].every(Number.isSafeInteger) ||
    run === undefined ||
    holder === undefined
  )
    throw new Error(`"${words.join(' ')}" does not describe a lock`)
  const lock = is === 'none' ? null : { holder: parseHolder(holder, run), token: seen, leftSeconds }
  return { lock, token: Math.max(seen, lastToken) }
}

const UNKNOWN = 'unknown'

/** What of `holder.json` (base64) can be read; it is shown to people, so it is cleaned. The lease says which run it is. */
function parseHolder(base64: string, run: string): Holder {
  const fields = fieldsOf(Buffer.from(base64, 'base64').toString())
  const text = (name: string): string | null => {
    const value = fields[name]
    return typeof value === 'string' ? cleanLine(value).slice(0, 500) : null
  }
  const { hosts } = fields
  return {
    kind: fields['kind'] === 'hand' ? 'hand' : 'run',
    run: run === '-' ? UNKNOWN : run,
    by: text('by') ?? UNKNOWN,
    command: text('command') ?? UNKNOWN,
    reason: text('reason') ?? '',
    since: text('since') ?? UNKNOWN,
    release: text('release'),
    before: text('before'),
    hosts: Array.isArray(hosts) ? hosts.filter((host) => typeof host === 'string').map(cleanLine) : [],
  }
}

function fieldsOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
