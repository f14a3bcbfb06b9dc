import { RELEASE_NAME } from '../../model/release.js'
import { block, comment, directive, type NginxNode } from './syntax.js'

/** What stands for a release's name in files that no release has: those that `gw render` shows. */
export const UNRELEASED = 'unreleased'

/** The variable that holds the name of the release whose files NGINX has read. */
export const RELEASE_VARIABLE = '$gw_release'

/**
 * For the http block.
 * @throws Error for what is no release's name: in a map, NGINX would take other words for more than a text
 */
export function releaseVariable(release: string): NginxNode[] {
  if (release !== UNRELEASED && !RELEASE_NAME.test(release)) {
    throw new Error(`no name of a release: ${JSON.stringify(release)}`)
  }
  return [
    comment('The release that these files belong to; `/` and `/health` tell it.'),
    block('map', ['', RELEASE_VARIABLE], [directive('default', release)]),
  ]
}
