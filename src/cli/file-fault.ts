import { GwError } from '../errors.js'
import type { SourcePlace } from '../model/source.js'
import { cleanText } from '../shell/clean.js'

/**
 * The error for a user's own code that fails: PLAYBOOK_INVALID with the place in `file`, when the failure names one. An
 * error that gw made itself (a value refused by an operation, say) stays what it is and gets the place.
 * @param file absolute path
 * @param what completes "the playbook ..."
 */
export function fileFault(file: string, what: string, cause: unknown): GwError {
  const at = placeIn(file, cause)
  const place = at === undefined ? {} : { at }
  if (cause instanceof GwError) {
    const { code, message, frame, nextSteps } = cause
    return new GwError(code, message, {
      ...place,
      ...(frame === undefined ? {} : { frame }),
      nextSteps,
      cause,
    })
  }
  const why = cause instanceof Error ? cause.message : String(cause)
  return new GwError('PLAYBOOK_INVALID', `the playbook ${file} ${what}`, {
    ...place,
    frame: cleanText(why).trim(),
    nextSteps: [
      `Correct ${file}${at === undefined ? '' : ` at line ${at.line}`}, then run the same command again.`,
    ],
    cause,
  })
}

/** The first place of the file that the failure names: where code was running, or could not be read. */
function placeIn(file: string, cause: unknown): SourcePlace | undefined {
  if (!(cause instanceof Error)) return undefined
  const text = `${cause.message}\n${cause.stack ?? ''}`
  const found = text.indexOf(file)
  const [, line = '', column = ''] =
    found === -1 ? [] : (/^:(\d+):(\d+)/.exec(text.slice(found + file.length)) ?? [])
  // Some parsers count columns from 0.
  return line === '' ? undefined : { file, line: Number(line), column: Math.max(1, Number(column)) }
}
