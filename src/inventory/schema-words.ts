import * as z from 'zod'
import { DURATION, likelyDuration, parseDuration } from './duration.js'
import { isEverybody, NETWORK, parseNetwork } from './network.js'
import * as patterns from './patterns.js'
import { parseRate, RATE } from './rate.js'
import { likelySize, parseSize, SIZE } from './size.js'

// The `error` of a schema says what is expected, as a noun phrase; of an object it lists the known keys, when the
// problem is an unknown one. schema-problems.ts makes sentences of them.

export function section<Shape extends z.ZodRawShape>(shape: Shape, expected = 'a map') {
  const keys = Object.keys(shape).join(' ')
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? keys : expected) })
}

/** `expected` may depend on what is there instead. */
export function word(pattern: RegExp, expected: string | ((written: unknown) => string)) {
  const error =
    typeof expected === 'string' ? expected : (issue: { input?: unknown }) => expected(issue.input)
  return z.string({ error }).regex(pattern, { error })
}

export function whole(from: number, to: number) {
  const error = `a whole number from ${from} to ${to}`
  return z.number({ error }).int({ error }).min(from, { error }).max(to, { error })
}

export function flag() {
  return z.boolean({ error: 'true or false' })
}

/** What is written as a number with a unit. */
interface Quantity {
  readonly pattern: RegExp
  readonly parse: (text: string) => number | null
  /** What somebody most likely meant who wrote it in another way. */
  readonly likely: (written: unknown) => string | null
}

/** A duration between two others, as milliseconds; `step` is the smallest difference that counts. */
export function duration(from: string, to: string, step: string) {
  const unit = parseDuration(step) ?? 1
  const durations = { pattern: DURATION, parse: parseDuration, likely: likelyDuration }
  return quantity(durations, [from, to], `a duration from ${from} to ${to} in steps of ${step}`, unit)
}

/** A size between two others, as bytes. */
export function size(from: string, to: string) {
  const sizes = { pattern: SIZE, parse: parseSize, likely: likelySize }
  return quantity(sizes, [from, to], `a size from ${from} to ${to}`, 1)
}

function quantity(
  { pattern, parse, likely }: Quantity,
  [from, to]: readonly [string, string],
  expected: string,
  step: number,
) {
  const [least, most] = [parse(from) ?? 0, parse(to) ?? 0]
  const accepted = (text: string): number | null => {
    const value = parse(text)
    return value !== null && value >= least && value <= most && value % step === 0 ? value : null
  }
  const explain = (written: unknown): string => {
    const meant = likely(written)
    return `${expected}, such as ${meant === null || accepted(meant) === null ? from : meant}`
  }
  return word(pattern, explain).transform((text, context) => {
    const value = accepted(text)
    if (value !== null) return value
    context.addIssue({ code: 'custom', message: explain(text) })
    return z.NEVER
  })
}

export function oneOrMore<Item extends z.ZodType>(item: Item, expected: string) {
  return z.union([item, z.array(item)], { error: `${expected}, or a list of them` })
}

/** A list that says something: an empty one could be read as all or as none. */
export function someOf<Item extends z.ZodType>(item: Item, expected: string) {
  const error = `a list of ${expected}, at least one`
  return z.array(item, { error }).min(1, { error })
}

export const hostName = word(
  patterns.HOST_NAME,
  'a host name (letters, digits, `.`, `_`, `-`; at most 64, the first a letter or digit)',
)
export const groupName = word(
  patterns.GROUP_NAME,
  'a group name (letters, digits, `.`, `_`, `-`; at most 64, the first a letter or digit)',
).refine((name) => name !== 'all', { error: 'a group name other than `all`, which stands for every host' })
export const poolName = word(
  patterns.POOL_NAME,
  'a pool name (small letters, digits, `_`, `-`; at most 32, the first a letter)',
)
export const rateLimitName = word(
  patterns.POOL_NAME,
  "a rate limit's name (small letters, digits, `_`, `-`; at most 32, the first a letter)",
)
const expectedAddress = 'an IP address or a DNS name, such as 10.0.1.101'
export const address = word(patterns.ADDRESS, expectedAddress).refine(patterns.isAddress, {
  error: expectedAddress,
})
export const path = word(/^.{1,4096}$/, 'a path')
export const port = whole(1, 65_535)
export const user = word(patterns.USER_NAME, 'a user name (letters, digits, `_`, `.`, `@`, `-`)')
export const secret = word(
  patterns.SECRET_REFERENCE,
  'a reference to a secret, never the secret itself: env:NAME, file:PATH or cmd:COMMAND',
)
export const values = z
  .record(z.string(), z.json(), { error: 'a map of values' })
  .describe('Values for playbooks')

const expectedNetwork = 'a network or an address, such as 10.0.0.0/8 or 203.0.113.7'

/** A network or a single address, in the one way in which it is written; `everybody` says why it cannot be all of them. */
export function network(everybody: string) {
  return word(NETWORK, expectedNetwork).transform((text, context) => {
    const found = parseNetwork(text)
    if (found?.exact === true) return found.text
    context.addIssue({ code: 'custom', message: expectedInstead(text, found, everybody) })
    return z.NEVER
  })
}

function expectedInstead(text: string, found: ReturnType<typeof parseNetwork>, everybody: string): string {
  if (found !== null) return `${found.text} (in a network the bits behind its prefix are zero)`
  return isEverybody(text) ? `less than everybody (${everybody})` : expectedNetwork
}

const expectedRate = 'a rate from 1r/m to 1000000r/s, such as 100r/m or 10r/s'

export const rate = word(RATE, expectedRate).transform((text, context) => {
  const found = parseRate(text)
  if (found !== null) return found
  context.addIssue({ code: 'custom', message: expectedRate })
  return z.NEVER
})

export const headerName = word(
  patterns.HEADER_NAME,
  'the name of a header (letters, digits and `-`, at most 64, the first a letter; NGINX drops headers with others)',
)
const expectedHeaderValue =
  'the value of a header (visible ASCII characters, and blanks between them, at most 2000)'
export const headerValue = word(patterns.HEADER_VALUE, expectedHeaderValue).regex(/^[^$]*$/, {
  error: 'the value of a header without `$`, after which NGINX would read the name of a variable',
})
export const folder = word(
  patterns.FOLDER,
  'the absolute path of a folder (letters, digits and `._-`, no part that starts with a dot)',
)
export const logFile = word(
  patterns.LOG_FILE,
  'the absolute path of a file (letters, digits and `._-`, no part that starts with a dot)',
)
