/** What became of a task on a host, or of a host as a whole. */
export type Outcome = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable'
