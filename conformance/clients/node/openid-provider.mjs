// An OpenID provider that we did not write, with the login and consent pages it has for development.
// Its one client is our server, on whatever port of this machine; whoever types a name is that person.

import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const server = createServer()
await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
const { port } = server.address()

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'lighthouse',
    client_secret: 'only-for-tests-0123456789-abcdef',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/login/with/corp/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
  cookies: { keys: ['only-for-tests'] },
  features: { revocation: { enabled: true } },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: `${id} of Corp`,
      preferred_username: id,
      email: `${id}@corp.example`,
      email_verified: !id.startsWith('unproven'),
    }),
  }),
})
server.on('request', provider.callback())
process.stdout.write(`${port}\n`)
