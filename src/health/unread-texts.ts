import type { Finding } from '../model/health.js'
import { note } from './judgement.js'
import type { HostObservation } from './observation.js'
import { shown } from './nginx-words.js'

/** Files of the release that lie on the host but whose text did not come, as one note: what they say was not judged. */
export function unreadTexts(
  { store, texts }: Pick<HostObservation, 'store' | 'texts'>,
  folder: string,
  suffix: string,
): Finding[] {
  const unread = store.live.filter(
    ({ path, sha256 }) =>
      path.startsWith(folder) &&
      path.endsWith(suffix) &&
      !path.slice(folder.length).includes('/') &&
      sha256 !== null &&
      (texts.find((each) => each.path === path)?.text ?? null) === null,
  )
  const [first] = unread
  if (first === undefined) return []
  const more = unread.length === 1 ? '' : ` and ${unread.length - 1} more`
  return [note(`what ${shown(first.path)}${more} of the release says could not be read`)]
}
