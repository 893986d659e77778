// A person without a browser: keeps the cookies of one site, logs in and approves until sent back to the client.
// Redirects to another origin are never followed: their address is the result.

import { Page } from './page.mjs'

const MAX_STEPS = 20

class Cookies {
  #kept = new Map()

  keep(response, url) {
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...rest] = line.split(';').map((part) => part.trim())
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      const set = Object.fromEntries(rest.map((part) => [part.split('=')[0].toLowerCase(), part.split('=')[1]]))
      const gone = set['max-age'] === '0' || (set.expires && Date.parse(set.expires) < Date.now())
      const path = set.path ?? url.pathname.replace(/\/[^/]*$/, '/')
      if (gone) this.#kept.delete(`${name};${path}`)
      else this.#kept.set(`${name};${path}`, { name, value, path })
    }
  }

  header(url) {
    const reaches = ({ path }) => url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
    return [...this.#kept.values()].filter(reaches).map(({ name, value }) => `${name}=${value}`).join('; ')
  }
}

export class Person {
  #cookies = new Cookies()

  constructor(username, password) {
    Object.assign(this, { username, password })
  }

  // Goes through the pages from the authorization URL on; gives the URL of the client that it ends at.
  async authorize(start) {
    let landing = await this.#request('GET', new URL(start))
    for (let step = 0; step < MAX_STEPS; step++) {
      if (landing instanceof URL) return landing
      const { method, action, fields } = this.#answer(landing)
      landing = await this.#request(method, action, fields)
    }
    throw new Error('the server keeps asking')
  }

  #answer(page) {
    if (page.has('page-login')) {
      return page.press('login-submit', { username: this.username, password: this.password })
    }
    if (page.has('page-consent')) return page.press('consent-approve')
    throw new Error(`unexpected page (${page.status}) at ${page.url}:\n${page.html}`)
  }

  async #request(method, url, fields = {}) {
    const site = url.origin
    let body = method === 'POST' ? new URLSearchParams(fields) : undefined
    if (method === 'GET') for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value)
    for (let step = 0; step < MAX_STEPS; step++) {
      const headers = { cookie: this.#cookies.header(url), accept: 'text/html' }
      const response = await fetch(url, { method, body, headers, redirect: 'manual' })
      this.#cookies.keep(response, url)
      const text = await response.text()
      if (response.status < 300 || response.status >= 400) return new Page(url, response.status, text)
      url = new URL(response.headers.get('location'), url)
      if (url.origin !== site) return url
      ;[method, body] = ['GET', undefined]
    }
    throw new Error('too many redirects')
  }
}
