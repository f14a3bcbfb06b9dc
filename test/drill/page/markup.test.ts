import { describe, expect, it } from 'vitest'
import { html, NOTHING } from '../../../src/drill/page/markup.js'

describe('a template of HTML', () => {
  it('shows every text as it is', () => {
    expect(html`<p title="${`"'&<>`}">${'<b>'}</p>`.text).toBe(
      '<p title="&quot;&#39;&amp;&lt;&gt;">&lt;b&gt;</p>',
    )
  })

  it('takes other markup whole, one or several, and numbers', () => {
    const items = ['a', '&'].map((text) => html`<b>${text}</b>`)
    expect(html`<span>${items}${NOTHING}${3}</span>`.text).toBe('<span><b>a</b><b>&amp;</b>3</span>')
  })

  it('replaces what no document may hold or what reorders text', () => {
    expect(html`${'a\u0000b\u202ec\ufffed\ud800'}`.text).toBe('a\ufffdb\ufffdc\ufffdd\ufffd')
  })
})
