// What every walk has in common: its settings from the environment, its checks, its one line of JSON at the end.
// It knows no client library.

import assert from 'node:assert/strict'
import { Person } from './person.mjs'

function setting(name, fallback) {
  const value = process.env[name] ?? fallback
  if (!value) throw new Error(`set ${name}`)
  return value
}

export const settings = {
  issuer: setting('ISSUER'),
  clientId: setting('CLIENT_ID'),
  clientSecret: setting('CLIENT_SECRET'),
  redirectUri: setting('REDIRECT_URI'),
  scope: setting('SCOPE', 'openid profile offline_access'),
}

export const person = () => new Person(setting('LOGIN_USERNAME'), setting('LOGIN_PASSWORD'))

// Runs the steps of `client` in order and prints what was seen; a failed step ends the process with status 1.
export async function walk(name, client) {
  const passed = []
  const step = async (title, work) => {
    try {
      const result = await work()
      passed.push(title)
      return result
    } catch (error) {
      console.error(error)
      console.log(JSON.stringify({ client: name, ok: false, passed, failed: title, error: String(error) }))
      process.exit(1)
    }
  }
  await step('discovery', () => client.discover())
  const tokens = await step('code', () => client.login())
  await step('userinfo', async () => assert.equal((await client.userinfo(tokens)).sub, tokens.subject))
  await step('introspect', async () => assert.equal((await client.introspect(tokens.access)).active, true))
  const fresh = await step('refresh', () => client.refresh(tokens))
  await step('rotated', async () => {
    assert.notEqual(fresh.access, tokens.access)
    assert.ok(fresh.refresh)
    assert.equal((await client.introspect(fresh.access)).sub, tokens.subject)
  })
  await step('revoke', () => client.revoke(fresh.refresh))
  await step('revoked', async () => {
    assert.deepEqual(await client.introspect(fresh.access), { active: false })
    await assert.rejects(() => client.userinfo({ ...fresh, subject: tokens.subject }))
    await assert.rejects(() => client.refresh(fresh))
  })
  console.log(JSON.stringify({ client: name, ok: true, passed, sub: tokens.subject }))
}
