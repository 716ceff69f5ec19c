// An identity provider for the tests: oidc-provider, with its own forms for signing in and for consent.
import { createServer } from 'node:http'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import Provider from 'oidc-provider'

const CLIENT = 'parley'

/** Of these people, by the name that they sign in with: `{ anna: { name, email } }`. It knows one client,
 * once `serve` says where that is. */
export async function startProvider(people) {
  const http = createServer()
  await new Promise((ready) => http.listen(0, '127.0.0.1', ready))
  const issuer = `http://127.0.0.1:${http.address().port}`
  const secret = randomBytes(24).toString('base64url')
  return {
    /** The options with which Parley knows it; its secret goes into this file. */
    options(file) {
      writeFileSync(file, secret, { mode: 0o600 })
      return ['--oidc-issuer', issuer, '--oidc-client-id', CLIENT, '--oidc-client-secret-file', file, '--oidc-name', 'The Ministry']
    },
    serve(origin) {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: CLIENT,
            client_secret: secret,
            redirect_uris: [`${origin}/login`],
            grant_types: ['authorization_code'],
            response_types: ['code'],
          },
        ],
        claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
        cookies: { keys: [randomBytes(16).toString('hex')] },
        findAccount: (_, id) =>
          people[id] && { accountId: id, claims: () => ({ sub: id, email_verified: true, ...people[id] }) },
      })
      http.on('request', provider.callback())
    },
    stop() {
      http.closeAllConnections()
      http.close()
    },
  }
}
