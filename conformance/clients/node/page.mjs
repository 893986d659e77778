// A server-rendered page as a person without scripts uses it: element ids and what pressing a button sends.
// It parses no more HTML than such forms need, and refuses to press what is not in a form.

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decode(text) {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16))
    if (decimal) return String.fromCodePoint(Number(decimal))
    return NAMED[name] ?? whole
  })
}

function attributes(text) {
  const found = {}
  const pattern = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g
  for (const [, name, double, single, bare] of text.matchAll(pattern)) {
    found[name.toLowerCase()] = decode(double ?? single ?? bare ?? '')
  }
  return found
}

function elements(html) {
  const pattern = /<(\/?[a-z][a-z0-9]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/gi
  return [...html.matchAll(pattern)].map(([, tag, rest]) => ({ tag: tag.toLowerCase(), is: attributes(rest) }))
}

const isField = ({ tag, is }) =>
  tag === 'input' &&
  is.name !== undefined &&
  is.disabled === undefined &&
  !['submit', 'button', 'image', 'reset'].includes(is.type) &&
  (!['checkbox', 'radio'].includes(is.type) || is.checked !== undefined)

export class Page {
  constructor(url, status, html) {
    Object.assign(this, { url, status, html, elements: elements(html) })
  }

  has(id) {
    return this.elements.some(({ is }) => is.id === id)
  }

  // The request that pressing this button makes, with `filled` in place of the named fields.
  press(id, filled = {}) {
    const at = this.elements.findIndex(({ is }) => is.id === id)
    const start = this.elements.slice(0, Math.max(at, 0)).findLastIndex(({ tag }) => tag === 'form')
    const length = this.elements.slice(Math.max(start, 0)).findIndex(({ tag }) => tag === '/form')
    if (at < 0 || start < 0 || length < at - start) {
      throw new Error(`no button '${id}' in a form at ${this.url}:\n${this.html}`)
    }
    const form = this.elements[start].is
    const button = this.elements[at].is
    const fields = {}
    for (const { is } of this.elements.slice(start, start + length).filter(isField)) fields[is.name] = is.value ?? ''
    if (button.name !== undefined) fields[button.name] = button.value ?? ''
    return {
      method: (button.formmethod ?? form.method ?? 'get').toUpperCase(),
      action: new URL(button.formaction ?? form.action ?? '', this.url),
      fields: { ...fields, ...filled },
    }
  }
}
