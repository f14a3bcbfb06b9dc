import { describe, expect, it } from 'vitest'
import { silenceOf } from '../../src/drill/outage.js'
import { ledgerOf, secondOf } from './ledgers.js'

describe('the longest time between two answers', () => {
  it('is the interval between requests where nothing is the matter', () => {
    expect(silenceOf(ledgerOf(secondOf()), 'tls')).toMatchObject({ ms: 10, unknownMs: 0, isOver: true })
  })

  it('tells of a pause that nobody had to wait for long', () => {
    const samples = secondOf((due) => (due >= 300 && due < 330 ? { ended: due + 1000 } : {}))
    expect(silenceOf(ledgerOf(samples), 'tls')).toMatchObject({ fromMs: 292, toMs: 332, ms: 40 })
  })

  it('is none that was over before something was done', () => {
    const samples = secondOf((due) => {
      if (due >= 300 && due < 400) return { ended: due + 1000 }
      return due >= 600 && due < 650 ? { ended: due + 1000 } : {}
    })
    expect(silenceOf(ledgerOf(samples), 'tls', 400)).toMatchObject({ fromMs: 292, toMs: 402 })
    expect(silenceOf(ledgerOf(samples), 'tls', 402)).toMatchObject({ fromMs: 592, toMs: 652 })
  })

  it('ends with the load, however late its last answers come', () => {
    const samples = secondOf((due) => (due === 500 ? { ended: 1500 } : {}))
    expect(silenceOf(ledgerOf(samples), 'tls')).toMatchObject({ ms: 20 })
  })

  it('is the whole load where nothing was answered, and none where nothing was asked', () => {
    const silent = secondOf((due) => ({ ended: due + 1, failure: 'timeout' }))
    expect(silenceOf(ledgerOf(silent), 'tls')).toMatchObject({ ms: 1000, isOver: false })
    expect(silenceOf(ledgerOf([]), 'tls')).toBeNull()
  })
})
