import type { Check } from './check.js'

/** Folders whose files are not for others to read, nor for NGINX, which opens its logs as root, to write. */
const SYSTEM_FOLDERS = ['/boot', '/dev', '/etc', '/proc', '/root', '/run', '/sys', '/var/lib/gw']

/** A folder that is, lies in, or holds one of the system. */
export function checkServedFolders({ file, report }: Check): void {
  file.gateway?.routes.forEach(({ files }, index) => {
    if (files === undefined) return
    const own = SYSTEM_FOLDERS.find((folder) => isBelow(files, folder) || isBelow(folder, files))
    if (own !== undefined)
      report(['gateway', 'routes', String(index), 'files'], `${own} is the system's own and cannot be served`)
  })
}

export function checkLogs({ file, report }: Check): void {
  const { access, error } = file.gateway?.logging ?? {}
  const path = ['gateway', 'logging']
  const logs = Object.entries({ access, error })
  for (const [key, log] of logs) {
    const own = SYSTEM_FOLDERS.find((folder) => typeof log === 'string' && isBelow(log, folder))
    if (own !== undefined)
      report([...path, key], `a log cannot be written to ${own}, which is the system's own`)
  }
  if (access !== undefined && access === error)
    report([...path, 'access'], 'the access log and the error log cannot be the same file')
}

function isBelow(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder.replace(/\/$/, '')}/`)
}
