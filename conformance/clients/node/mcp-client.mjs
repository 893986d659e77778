// The official client of the Model Context Protocol against a server of tools that is protected by the proxy.
// Of the OAuth client only the user's side is here: what is kept in memory, and where the browser is sent.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Person } from './person.mjs'

const { MCP_URL, ISSUER, WAY, LISTS, REDIRECT_URI, LOGIN_USERNAME, LOGIN_PASSWORD, CERTIFICATE, KEY } = process.env
const person = new Person(LOGIN_USERNAME, LOGIN_PASSWORD)

// Without refresh tokens: with one the SDK refreshes when it is told that a scope is missing, and never asks for it.
const metadata = {
  client_name: 'Everything client',
  redirect_uris: [REDIRECT_URI],
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}

// The host where the client publishes what it is, when it goes that way.
async function published() {
  const server = createServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) }, (request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ client_id: url, ...metadata }))
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `https://127.0.0.1:${server.address().port}/client.json`
  return url
}

class Memory {
  redirectUrl = REDIRECT_URI
  clientMetadata = metadata
  clientInformation = () => this.client
  saveClientInformation = (client) => void (this.client = client)
  tokens = () => this.kept
  saveTokens = (tokens) => void (this.kept = tokens)
  codeVerifier = () => this.verifier
  saveCodeVerifier = (verifier) => void (this.verifier = verifier)
  redirectToAuthorization = (url) => void (this.asked = url)
}

const memory = new Memory()
if (WAY === 'document') memory.clientMetadataUrl = await published()

let transport, client
async function connect() {
  transport = new StreamableHTTPClientTransport(new URL(MCP_URL), { authProvider: memory })
  client = new Client({ name: 'everything-client', version: '1.0.0' })
  await client.connect(transport)
}

// What the SDK says when somebody has to sign in; then the person does, and it is tried again.
async function withPerson(work) {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error
  }
  const back = await person.authorize(memory.asked)
  assert.equal(back.searchParams.get('error'), null, back.href)
  await transport.finishAuth(back.searchParams.get('code'))
  return work()
}

const claims = () => JSON.parse(Buffer.from(memory.kept.access_token.split('.')[1], 'base64url'))
const text = (answer) => answer.content[0].text

await withPerson(connect)
assert.equal(memory.client.client_id.startsWith('https://'), WAY === 'document')
assert.equal(memory.asked.searchParams.get('resource'), MCP_URL)
assert.equal(memory.asked.searchParams.get('scope'), 'tools:use')
assert.deepEqual([claims().aud, claims().scope].flat(), [MCP_URL, 'tools:use'])

const listed = async () => (await client.listTools()).tools.map(({ name }) => name)
assert.equal((await listed()).includes('get-sum'), LISTS === 'all')
assert.match(text(await client.callTool({ name: 'echo', arguments: { message: 'hello' } })), /hello/)

const sum = await withPerson(() => client.callTool({ name: 'get-sum', arguments: { a: 20, b: 22 } }))
assert.match(text(sum), /42/)
assert.equal(claims().scope, 'tools:sum tools:use')
const tools = await listed()
assert.ok(tools.includes('get-sum'))

const { revocation_endpoint } = await (await fetch(`${ISSUER}/.well-known/oauth-authorization-server`)).json()
const body = new URLSearchParams({ token: memory.kept.access_token, client_id: memory.client.client_id })
assert.equal((await fetch(revocation_endpoint, { method: 'POST', body })).status, 200)
let refused
for (let call = 0; call < 2000 && !refused; call++) {
  await client.callTool({ name: 'echo', arguments: { message: 'still there?' } }).catch((error) => (refused = error))
}
assert.ok(refused instanceof UnauthorizedError, String(refused))

console.log(JSON.stringify({ client: 'mcp-sdk', way: WAY, ok: true, tools: tools.length, sum: text(sum) }))
process.exit(0)
