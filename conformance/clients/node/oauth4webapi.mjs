// The main path with oauth4webapi, authenticating by client_secret_post.
// It checks nothing by itself that the library checks: signatures, issuer, nonce, state, audience.

import * as oauth from 'oauth4webapi'
import { person, settings, walk } from './walk.mjs'

const client = { client_id: settings.clientId }
const authentication = oauth.ClientSecretPost(settings.clientSecret)
const options = { [oauth.allowInsecureRequests]: settings.issuer.startsWith('http:') }
let server

const tokens = (answer) => ({
  access: answer.access_token,
  refresh: answer.refresh_token,
  subject: oauth.getValidatedIdTokenClaims(answer)?.sub,
})

async function exchange(callback, verifier, nonce) {
  const response = await oauth.authorizationCodeGrantRequest(
    server, client, authentication, callback, settings.redirectUri, verifier, options,
  )
  const expected = { expectedNonce: nonce, requireIdToken: true }
  const answer = await oauth.processAuthorizationCodeResponse(server, client, response, expected)
  await oauth.validateApplicationLevelSignature(server, response, options)
  return tokens(answer)
}

await walk('oauth4webapi', {
  async discover() {
    const issuer = new URL(settings.issuer)
    const response = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' })
    server = await oauth.processDiscoveryResponse(issuer, response)
  },
  async login() {
    const [verifier, state, nonce] = [
      oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce(),
    ]
    const url = new URL(server.authorization_endpoint)
    url.search = new URLSearchParams({
      client_id: settings.clientId,
      response_type: 'code',
      redirect_uri: settings.redirectUri,
      scope: settings.scope,
      prompt: 'consent',
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const callback = oauth.validateAuthResponse(server, client, await person().authorize(url), state)
    return exchange(callback, verifier, nonce)
  },
  async userinfo({ access, subject }) {
    const response = await oauth.userInfoRequest(server, client, access, options)
    return oauth.processUserInfoResponse(server, client, subject, response)
  },
  async introspect(token) {
    const response = await oauth.introspectionRequest(server, client, authentication, token, options)
    return oauth.processIntrospectionResponse(server, client, response)
  },
  async refresh({ refresh }) {
    const response = await oauth.refreshTokenGrantRequest(server, client, authentication, refresh, options)
    return tokens(await oauth.processRefreshTokenResponse(server, client, response))
  },
  async revoke(token) {
    const response = await oauth.revocationRequest(server, client, authentication, token, options)
    return oauth.processRevocationResponse(response)
  },
})
