/** The NGINX of a host: its version, and the names of the modules that it could load, without `.so`. */
export interface NginxBuild {
  /** Such as "1.22.1". */
  readonly version: string
  readonly modules: readonly string[]
}
