import { Secret } from './secret.js'

/** A file of a host's configuration. `path` is relative to the release, without `..`; a secret has mode 0600. */
export interface RenderedFile {
  readonly path: string
  readonly mode: '0600' | '0644' | '0755'
  readonly content: string | Secret
}

/** The text of a file, that of a secret as well: for writing it, never for showing it. */
export function revealedText({ content }: RenderedFile): string {
  return content instanceof Secret ? content.reveal() : content
}

/** Every folder that the files need below the release's own, with its mode: nobody else looks beside a secret. */
export function foldersOf(
  files: readonly { readonly path: string; readonly mode: string }[],
): ReadonlyMap<string, '0700' | '0755'> {
  const folders = new Map<string, '0700' | '0755'>()
  for (const { path, mode } of files) {
    const own = path.lastIndexOf('/')
    for (let end = own; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end)
      folders.set(folder, end === own && mode === '0600' ? '0700' : (folders.get(folder) ?? '0755'))
    }
  }
  return folders
}
