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
