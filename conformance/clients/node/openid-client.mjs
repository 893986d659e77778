// The main path with openid-client.
// It checks nothing by itself that the library checks: signatures, issuer, nonce, state, audience.

import * as oidc from 'openid-client'
import { person, settings, walk } from './walk.mjs'

let config

const tokens = (answer) => ({
  access: answer.access_token,
  refresh: answer.refresh_token,
  subject: answer.claims()?.sub,
})

await walk('openid-client', {
  async discover() {
    const options = { execute: settings.issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [] }
    const authentication = oidc.ClientSecretBasic(settings.clientSecret)
    config = await oidc.discovery(new URL(settings.issuer), settings.clientId, undefined, authentication, options)
    oidc.enableNonRepudiationChecks(config)
  },
  async login() {
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier()
    const checks = { pkceCodeVerifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() }
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: settings.redirectUri,
      scope: settings.scope,
      prompt: 'consent',
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    })
    return tokens(await oidc.authorizationCodeGrant(config, await person().authorize(url), checks))
  },
  userinfo: ({ access, subject }) => oidc.fetchUserInfo(config, access, subject),
  introspect: (token) => oidc.tokenIntrospection(config, token),
  refresh: async ({ refresh }) => tokens(await oidc.refreshTokenGrant(config, refresh)),
  revoke: (token) => oidc.tokenRevocation(config, token),
})
