/** The system's name of a failure (`ECONNREFUSED`, `ENOENT`, ...), `unknown` for an error without one. */
export function errnoCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}

/** Whether a name lookup, rather than a connection, failed. */
export function isLookupFailure(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'getaddrinfo'
}
