/** What a program says of the files that it would read now. `output` at most 16 KiB, as it came. */
interface ConfigurationTest {
  readonly passed: boolean
  readonly output: string
}

/** What can be said of the configuration on disk without knowing what it should be. */
export interface ConfigurationCheck {
  /** `nginx -t`, warnings included. */
  readonly nginx: ConfigurationTest
  /** `keepalived -t`. */
  readonly keepalived: ConfigurationTest
  /** The file of the published release (or link to it) that was changed last, and how long ago; null without a release. */
  readonly newest: { readonly path: string; readonly ageSeconds: number } | null
  /** The last line of NGINX's error log that says [emerg], and how long ago; null when its last 256 KiB have none. */
  readonly emergency: { readonly ageSeconds: number; readonly text: string } | null
}
