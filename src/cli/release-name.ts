import { GwError } from '../errors.js'
import { RELEASE_NAME } from '../model/release.js'
import { cleanLine } from '../shell/clean.js'

/** A release's name as it was typed. @throws GwError USAGE unless it is one: nothing else may get near a path or a shell */
export function checkedRelease(typed: string): string {
  if (RELEASE_NAME.test(typed)) return typed
  const shown = JSON.stringify(cleanLine(typed).slice(0, 80))
  throw new GwError('USAGE', `${shown} is no name of a release; nothing was contacted`, {
    nextSteps: ['Releases are named v1.2 or v1.2.3; gw releases ENV lists those that there are.'],
  })
}
