// Accounts that sign in by passkeys, with Chromium's own authenticator in software.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { chromium } from './browsers.mjs'
import { everywhere } from './look.mjs'
import { scene } from './scene.mjs'
import { Secretary } from './secretary.mjs'
import { startServer } from './server.mjs'

/** Browsers make passkeys for a name: localhost is one, and its port is known before the server starts. */
function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** A device of this browser, which verifies its user by itself. */
async function authenticator(page) {
  const cdp = await page.createCDPSession()
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    credentials: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    /** As a copy that was made earlier: with the counter of then. */
    putBack: async (credential) => {
      await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId: credential.credentialId })
      await cdp.send('WebAuthn.addCredential', { authenticatorId, credential })
    },
  }
}

scene(
  'passkeys',
  async (s) => {
    const council = await s.server.api('POST', '/api/bodies', { name: 'Council' })
    const account = await s.server.api('POST', '/api/accounts', { name: 'Anna Berg' })
    await s.server.api('PUT', `/api/accounts/${account.id}/roles/${council.id}`, { role: 'secretary' })
    s.anna = new Secretary(await chromium(), s.server)
    s.device = await authenticator(s.anna.page)
    s.people = [s.anna]
  },
  {
    'an administrator makes a link': async (s) => {
      const { anna, server } = s
      await anna.page.goto(`${server.origin}/accounts`)
      await anna.fill('admin-token', server.adminToken)
      await anna.click('enter')
      await anna.click('enrol-account')
      await anna.click('enrolment-submit')
      await anna.see('enrolment-link')
      await everywhere(anna.page, 'passkeys-link')
      s.link = await anna.page.$eval('[data-testid=enrolment-link]', (field) => field.value)
      assert.match(s.link, /^http:\/\/localhost:\d+\/enrol#e\.[\w-]{43}$/)
      await anna.page.evaluate(() => sessionStorage.clear())
    },
    'by which somebody enrols': async ({ anna, link }) => {
      await anna.page.goto(link)
      await anna.reads('enrol', /account of Anna Berg/)
      assert.doesNotMatch(anna.page.url(), /#/)
      await everywhere(anna.page, 'passkeys-enrol')
      await anna.fill('enrol-name', 'Laptop')
      await anna.click('enrol-make')
      await anna.reads('who-am-i', /^Anna Berg$/)
      assert.equal(anna.page.url(), anna.url)
    },
    'signs out, and in, and makes a meeting': async (s) => {
      const { anna, device } = s
      await anna.click('sign-out')
      await anna.see('sign-in-passkey')
      await everywhere(anna.page, 'passkeys-sign-in')
      s.before = (await device.credentials())[0]
      await anna.click('sign-in-passkey')
      await anna.reads('who-am-i', /^Anna Berg$/)
      await anna.click('new-meeting')
      await anna.fill('prepare-title', 'First session')
      await anna.part('agenda')
      await anna.fill('item-title', 'Opening')
      await anna.part('people')
      await anna.fill('person-name', 'Chair')
      await anna.click('save')
      await anna.makeKey('correct horse battery')
      await anna.links()
      await anna.click('to-list')
      await anna.reads('meeting-line', /First session/)
    },
    'a device makes no second one for an account': async ({ anna }) => {
      await anna.click('own-passkeys')
      await anna.reads('passkey', /Laptop.*used last/)
      await everywhere(anna.page, 'passkeys-own')
      await anna.click('passkeys-submit')
      await anna.reads('passkeys-problem', /has a passkey for this account already/)
      await anna.page.keyboard.press('Escape')
    },
    'a copy that is behind is refused': async ({ anna, device, before }) => {
      await anna.click('sign-out')
      const now = (await device.credentials())[0]
      assert.ok(now.signCount > before.signCount, `${now.signCount} after ${before.signCount}`)
      await device.putBack(before)
      await anna.click('sign-in-passkey')
      await anna.reads('prepare-problem', /counter went back/)
      assert.equal(await anna.page.$('[data-testid=who-am-i]'), null)
      await device.putBack(now)
      await anna.click('sign-in-passkey')
      await anna.reads('who-am-i', /^Anna Berg$/)
    },
    'one that is removed signs nobody in': async ({ anna, link }) => {
      await anna.click('own-passkeys')
      await anna.click('remove-passkey')
      await anna.click('confirm-yes')
      await anna.reads('passkeys', /You have none yet/)
      await anna.page.keyboard.press('Escape')
      await anna.click('sign-out')
      await anna.click('sign-in-passkey')
      await anna.reads('prepare-problem', /does not know this passkey/)
      await anna.page.goto(link)
      await anna.reads('enrol', /link was used/)
    },
  },
  async () => {
    const address = `localhost:${await freePort()}`
    const server = await startServer('--listen', address.replace('localhost', '127.0.0.1'), '--public-url', `http://${address}`)
    server.origin = `http://${address}`
    return server
  },
)
