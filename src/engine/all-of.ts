/** What comes of several pieces of work, in their order; each is waited for, before one that failed ends it. */
export async function allOf<Result>(works: readonly Promise<Result>[]): Promise<Result[]> {
  const ends = await Promise.allSettled(works)
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason
    return end.value
  })
}
