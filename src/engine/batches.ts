/**
 * The hosts of a play in the order and the portions in which they change: those in `last` after the others,
 * otherwise as the inventory has them; `serial` at a time, without it all at once.
 */
export function batches(
  hosts: readonly string[],
  last: ReadonlySet<string>,
  serial: number | undefined,
): readonly (readonly string[])[] {
  const ordered = [...hosts.filter((host) => !last.has(host)), ...hosts.filter((host) => last.has(host))]
  const size = serial ?? Math.max(1, ordered.length)
  const portions: string[][] = []
  for (let start = 0; start < ordered.length; start += size) portions.push(ordered.slice(start, start + size))
  return portions
}
