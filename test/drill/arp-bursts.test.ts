import { describe, expect, it } from 'vitest'
import { arpBursts } from '../../src/drill/arp-bursts.js'

const ONE = '02:42:c6:12:00:65'
const OTHER = '02:42:c6:12:00:66'

function said(at: number, mac = ONE, isOwn = false) {
  return { at, mac, isOwn }
}

describe('gratuitous ARP', () => {
  it('is told once for each burst of a sender, with when it began and how often it was said', () => {
    const words = [
      said(10),
      said(11),
      said(12, OTHER, true),
      said(13),
      said(1013),
      said(1500),
      said(1512, OTHER, true),
    ]
    expect(arpBursts(words)).toEqual([
      { ...said(10), count: 3 },
      { ...said(12, OTHER, true), count: 1 },
      { ...said(1013), count: 2 },
      { ...said(1512, OTHER, true), count: 1 },
    ])
  })

  it('is one burst as long as the next word is not late, however long that lasts', () => {
    const words = Array.from({ length: 20 }, (_, index) => said(index * 499))
    expect(arpBursts(words)).toEqual([{ ...said(0), count: 20 }])
    expect(arpBursts([said(0), said(500)])).toHaveLength(2)
    expect(arpBursts([])).toEqual([])
  })
})
