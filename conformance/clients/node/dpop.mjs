// openid-client as a public client with a key of its own: bound tokens from the server, used at userinfo and at the proxy.
// The library makes the proofs and learns the nonces; nothing of ours is in it.

import assert from 'node:assert/strict'
import * as oidc from 'openid-client'
import { person, settings } from './walk.mjs'

const api = new URL(process.env.API)
const options = { execute: settings.issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [] }
const config = await oidc.discovery(new URL(settings.issuer), settings.clientId, undefined, oidc.None(), options)
const key = await oidc.randomDPoPKeyPair()
const DPoP = oidc.getDPoPHandle(config, key)

const verifier = oidc.randomPKCECodeVerifier()
const checks = { pkceCodeVerifier: verifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() }
const url = oidc.buildAuthorizationUrl(config, {
  redirect_uri: settings.redirectUri,
  scope: settings.scope,
  resource: 'https://api.example.com',
  state: checks.expectedState,
  nonce: checks.expectedNonce,
  dpop_jkt: await DPoP.calculateThumbprint(),
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
})
const answer = await oidc.authorizationCodeGrant(config, await person().authorize(url), checks, undefined, { DPoP })
assert.equal(answer.token_type, 'dpop')

const call = (token) => oidc.fetchProtectedResource(config, token, api, 'GET', undefined, undefined, { DPoP })
const first = await call(answer.access_token)
assert.equal(first.status, 200)

const renewed = await oidc.refreshTokenGrant(config, answer.refresh_token, undefined, { DPoP })
assert.equal(renewed.token_type, 'dpop')
for (let i = 0; i < 3; i++) assert.equal((await call(renewed.access_token)).status, 200)

// Without the key the same token, and the same refresh token, are worth nothing.
const bearer = await fetch(api, { headers: { authorization: `Bearer ${renewed.access_token}` } })
assert.equal(bearer.status, 401)
const stolen = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair())
await assert.rejects(oidc.refreshTokenGrant(config, renewed.refresh_token, undefined, { DPoP: stolen }))
await assert.rejects(oidc.refreshTokenGrant(config, renewed.refresh_token))
const last = await oidc.refreshTokenGrant(config, renewed.refresh_token, undefined, { DPoP })
assert.equal((await call(last.access_token)).status, 200)
console.log(JSON.stringify({ client: 'openid-client', ok: true, challenge: bearer.headers.get('www-authenticate') }))
