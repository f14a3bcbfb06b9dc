/** What differs from something healthy: objects are merged; lists, and what has no properties, take the other's place. */
export type Changes<T> = T extends readonly unknown[] | Date
  ? T
  : T extends object
    ? { readonly [Key in keyof T]?: Changes<T[Key]> }
    : T

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** A probe either has an answer or has failed, so one that failed takes the place of the other. */
function mergedValue(before: unknown, change: unknown): unknown {
  if (!isObject(before) || !isObject(change) || 'failure' in change) return change
  const names = [...new Set([...Object.keys(before), ...Object.keys(change)])]
  return Object.fromEntries(
    names.map((name) => [name, name in change ? mergedValue(before[name], change[name]) : before[name]]),
  )
}

export function withChanges<T>(before: T, changes: NoInfer<Changes<T>>): T {
  return mergedValue(before, changes) as T
}
