/** A file of the published release as it stands on the host now; `path` is relative to the release. */
export interface LiveText {
  readonly path: string
  /** Null for what is not there, no text, or larger than 256 KiB. */
  readonly text: string | null
}
