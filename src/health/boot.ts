import type { UnitState } from '../facts/unit.js'
import type { Finding } from '../model/health.js'
import { warning } from './judgement.js'
import { shown } from './nginx-words.js'
import { onHost } from './on-host.js'

/** That a service that runs will not when the host boots; `name` without its suffix. */
export function bootFindings(host: string, name: string, { enabled }: UnitState): Finding[] {
  if (!/^(?:disabled|masked)/.test(enabled)) return []
  const program = name === 'nginx' ? 'NGINX' : name
  const message = `${name}.service is ${shown(enabled)}, so ${program} does not start when the host boots`
  return [warning(message, onHost(host, `'systemctl unmask ${name}; systemctl enable ${name}'`))]
}
