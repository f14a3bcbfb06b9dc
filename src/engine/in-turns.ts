import pLimit from 'p-limit'

/** What `work` comes to for each item, in the order of the items; at most `atOnce` are worked on at any moment. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const limit = pLimit(atOnce)
  return Promise.all(items.map((item) => limit(() => work(item))))
}
