import { cleanLine } from '../shell/clean.js'

/** Makes a typed value of one that was read from a file. @throws Garbled when it makes no sense */
export type Read<Value> = (value: unknown) => Value

/** What was read is not what gw wrote. */
export class Garbled extends Error {}

/** A text, safe to print. */
export const text: Read<string> = (value) => {
  if (typeof value !== 'string') throw new Garbled('no text')
  return cleanLine(value)
}

export const number: Read<number> = (value) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Garbled('no number')
  return value
}

/** A number of things, or of milliseconds that passed. */
export const amount: Read<number> = (value) => {
  const found = number(value)
  if (found < 0) throw new Garbled('below zero')
  return found
}

export const truth: Read<boolean> = (value) => {
  if (typeof value !== 'boolean') throw new Garbled('neither true nor false')
  return value
}

/** A text of a certain form. */
export function formed(form: RegExp): Read<string> {
  return (value) => {
    const found = text(value)
    if (!form.test(found)) throw new Garbled('a text of another form')
    return found
  }
}

/** A time as gw writes it: UTC, ISO 8601, with milliseconds. */
export const time: Read<string> = (value) => {
  const found = formed(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)(value)
  if (Number.isNaN(Date.parse(found))) throw new Garbled('no time')
  return found
}

export function oneOf<const Value>(values: readonly Value[]): Read<Value> {
  return (value) => {
    const found = values.find((each) => each === value)
    if (found === undefined) throw new Garbled('none of the words that there are')
    return found
  }
}

export function orNull<Value>(read: Read<Value>): Read<Value | null> {
  return (value) => (value === null ? null : read(value))
}

export function list<Value>(read: Read<Value>): Read<Value[]> {
  return (value) => {
    if (!Array.isArray(value)) throw new Garbled('no list')
    return value.map((item) => read(item))
  }
}

/** Values by names that come from outside; the names are safe to print, too. */
export function byName<Value>(read: Read<Value>): Read<Record<string, Value>> {
  return (value) =>
    Object.fromEntries(Object.entries(objectOf(value)).map(([name, item]) => [cleanLine(name), read(item)]))
}

/** Some of the names, each with a value. */
export function someOf<Name extends string, Value>(
  names: readonly Name[],
  read: Read<Value>,
): Read<Partial<Record<Name, Value>>> {
  return (value) => {
    const object = objectOf(value)
    const found: Partial<Record<Name, Value>> = {}
    for (const name of names) if (Object.hasOwn(object, name)) found[name] = read(object[name])
    return found
  }
}

/** An object that has all of these; what else it has is left out. */
export function shape<Value extends object>(fields: {
  [Key in keyof Value]-?: Read<Value[Key]>
}): Read<Value> {
  const names = Object.keys(fields) as (keyof Value & string)[]
  return (value) => {
    const object = objectOf(value)
    const found: Partial<Value> = {}
    for (const name of names) found[name] = fields[name](object[name])
    return found as Value
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Garbled('no object')
  return value as Readonly<Record<string, unknown>>
}
