import { AUDIT_FILE } from '../model/state-paths.js'
import { type Script, sh } from '../shell/script.js'

/** What an audit line says beside its time and its host; never a secret. */
export type AuditEntry = Readonly<Record<string, string | number | boolean | null>> & {
  readonly event: string
}

/**
 * Appends one line to a host's audit file, in one write, so that two at once do not mix. A host that cannot write it
 * (a full disk) is changed all the same: what must not be lost is the host. `more` is a word of the shell with further
 * fields, for what is known on the host only.
 */
export function audit(entry: AuditEntry, file: string = AUDIT_FILE, more?: Script): Script {
  const known = JSON.stringify(entry).slice(1, -1)
  const fields = more === undefined ? sh`${known}` : sh`${known},${more}`
  return sh`
    (
      umask 027
      mkdir -p -- "$(dirname -- ${file})" && printf '{"time":"%s","host":"%s",%s}\n' \
        "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)" "$(uname -n | tr -c 'A-Za-z0-9_.:\n-' '?')" ${fields} >>${file}
    ) || :`
}
