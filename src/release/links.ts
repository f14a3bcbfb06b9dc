import { STATE } from '../model/state-paths.js'

/** Where a program looks for its file, the link's target, and what of a release that is. */
export interface ReleaseLink {
  readonly path: string
  readonly target: string
  /** Relative to the release; a file or a folder. */
  readonly file: string
}

/** Where the programs look for their files, and what of the current release they find there. */
export const LINKS = {
  nginx: linkTo('/etc/nginx/nginx.conf', 'nginx/nginx.conf'),
  nginxParts: linkTo('/etc/nginx/gw', 'nginx/gw'),
  keepalived: linkTo('/etc/keepalived/keepalived.conf', 'keepalived/keepalived.conf'),
} as const

function linkTo(path: string, file: string): ReleaseLink {
  return { path, target: `${STATE.current}/${file}`, file }
}
