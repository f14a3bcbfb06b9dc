import fc from 'fast-check'
import { compareReleases } from '../../src/model/release.js'
import type { ReleaseStore } from '../../src/model/release-store.js'

export type Stores = Readonly<Record<string, ReleaseStore>>

export const EMPTY_STORE: ReleaseStore = {
  current: null,
  previous: null,
  releases: [],
  manifest: null,
  live: [],
  trial: null,
  reverted: null,
}

/**
 * The store of a host, said shortly: releases from the oldest on; `>` stands before the current one, `<` before the
 * previous one, `?` behind one that was never confirmed, `@9` behind one that was confirmed in the ninth minute rather
 * than all at once. E.g. `v1.0 <v1.1 >v1.2@9 v1.3?`.
 */
export function storeOf(text: string, more: Partial<ReleaseStore> = {}): ReleaseStore {
  const words = text.split(' ').filter((word) => word !== '')
  const nameOf = (word: string): string => word.replace(/^[<>]/, '').replace(/(?:\?|@\d)$/, '')
  const marked = (mark: string): string | null => {
    const word = words.find((each) => each.startsWith(mark))
    return word === undefined ? null : nameOf(word)
  }
  const confirmedIn = (minute: string) => ({ time: `2026-11-21T19:0${minute}:00Z`, run: '11111111' })
  return {
    ...EMPTY_STORE,
    current: marked('>'),
    previous: marked('<'),
    releases: words.map((word, index) => ({
      name: nameOf(word),
      stagedAt: 1000 + index,
      confirmed: word.endsWith('?') ? null : confirmedIn(/@(\d)$/.exec(word)?.[1] ?? '0'),
    })),
    ...more,
  }
}

/** The stores of a fleet, by the names of its hosts. */
export function storesOf(texts: Readonly<Record<string, string>>): Stores {
  return Object.fromEntries(Object.entries(texts).map(([host, text]) => [host, storeOf(text)]))
}

const NAMES = ['v1.0', 'v1.1', 'v1.2', 'v1.9', 'v1.10', 'v2.0']

/** Any store of a few releases, laid there in the order of their names. */
const anyStore: fc.Arbitrary<ReleaseStore> = fc
  .tuple(fc.subarray(NAMES), fc.nat(6), fc.nat(6), fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }))
  .map(([names, current, previous, confirmed]) => {
    const words = names.toSorted(compareReleases).map((name, index) => {
      const mark = index === current ? '>' : index === previous ? '<' : ''
      return `${mark}${name}${confirmed[index] === true ? '' : '?'}`
    })
    return storeOf(words.join(' '))
  })

/** Any fleet of one to three gateways. */
export const anyStores: fc.Arbitrary<Stores> = fc
  .array(anyStore, { minLength: 1, maxLength: 3 })
  .map((stores) => Object.fromEntries(stores.map((store, index) => [`gw-${index + 1}`, store])))
