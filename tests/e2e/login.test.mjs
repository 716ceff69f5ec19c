// Signing in at an identity provider, in a browser: a secretary makes a meeting of their body, a reader may not.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from './browsers.mjs'
import { everywhere } from './look.mjs'
import { startProvider } from './provider.mjs'
import { scene } from './scene.mjs'
import { Secretary } from './secretary.mjs'
import { startServer } from './server.mjs'

const PEOPLE = { anna: { name: 'Anna Berg', email: 'anna@example.org' }, ola: { name: 'Ola Lund', email: 'ola@example.org' } }
const folder = mkdtempSync(join(tmpdir(), 'parley-login-'))
let provider

/** At the provider: its form, and its question whether Parley may know who it is. */
async function signIn(secretary, name) {
  const { page } = secretary
  await secretary.click('sign-in-oidc')
  await page.waitForSelector('input[name=login]')
  await page.type('input[name=login]', name)
  await page.type('input[name=password]', 'any')
  await Promise.all([page.waitForNavigation(), page.click('button[type=submit]')])
  await page.waitForSelector('button[type=submit]')
  await page.click('button[type=submit]')
}

scene(
  'login',
  async (s) => {
    provider.serve(s.server.origin)
    const council = await s.server.api('POST', '/api/bodies', { name: 'Council' })
    for (const [role, who] of [['secretary', 'anna'], ['reader', 'ola']]) {
      const account = await s.server.api('POST', '/api/accounts', PEOPLE[who])
      await s.server.api('PUT', `/api/accounts/${account.id}/roles/${council.id}`, { role })
    }
    s.secretary = new Secretary(await chromium(), s.server)
    s.reader = new Secretary(await chromium(), s.server)
    s.people = [s.secretary, s.reader]
  },
  {
    'a secretary signs in': async ({ secretary }) => {
      await secretary.page.goto(secretary.url)
      await secretary.reads('sign-in-oidc', /^Sign in with The Ministry$/)
      await everywhere(secretary.page, 'login-sign-in')
      await signIn(secretary, 'anna')
      await secretary.reads('who-am-i', /^Anna Berg$/)
      assert.equal(secretary.page.url(), secretary.url)
      const { entries } = await (await secretary.page.createCDPSession()).send('Page.getNavigationHistory')
      assert.deepEqual(entries.filter(({ url }) => url.includes('code=')), [], 'the code is in the history')
    },
    'makes a meeting of the body': async ({ secretary }) => {
      await secretary.click('new-meeting')
      await secretary.see('meeting-editor')
      await secretary.until('the body is theirs', () => secretary.page.$eval('[data-testid=prepare-body]', (e) => e.value === 'Council'))
      await secretary.click('to-list')
      await secretary.import({ title: 'First session', body: 'Council', floor: 'open', encryption: 'none', seats: [], people: [{ name: 'C', role: 'chair' }] })
      await secretary.click('save')
      await secretary.makeKey('a pass phrase of the secretary')
      await secretary.reads('save-state', /^Saved$/)
      await secretary.click('to-list')
      await secretary.reads('meeting-line', /First session/)
    },
    'signs out, and is out': async ({ secretary, server }) => {
      const token = await secretary.page.evaluate(() => sessionStorage.getItem('parley:admin-token'))
      assert.match(token, /^s\./)
      await secretary.click('sign-out')
      await secretary.see('sign-in-oidc')
      await secretary.until('the session is over', async () => {
        const answer = await fetch(`${server.origin}/api/session`, { headers: { authorization: `Bearer ${token}` } })
        return answer.status === 401
      })
    },
    'a reader sees it, and makes none': async ({ reader, server }) => {
      await reader.page.goto(reader.url)
      await signIn(reader, 'ola')
      await reader.reads('who-am-i', /^Ola Lund$/)
      await reader.reads('meeting-line', /First session/)
      assert.equal(await reader.page.$('[data-testid=new-meeting]'), null)
      const minutes = reader.page.waitForResponse((r) => r.url().includes('/minutes?format=html&language=en'))
      await reader.click('save-minutes')
      assert.equal((await minutes).status(), 200)
      assert.equal(await reader.page.$('[data-testid=delete-meeting]'), null)
      const [status, body] = await reader.page.evaluate(async () => {
        const headers = { authorization: `Bearer ${sessionStorage.getItem('parley:admin-token')}`, 'content-type': 'application/json' }
        const answer = await fetch('/api/meetings', { method: 'POST', headers, body: '{}' })
        return [answer.status, await answer.json()]
      })
      assert.equal(status, 403)
      assert.match(body.error.message, /needs the role of a secretary/)
      await reader.page.goto(`${server.origin}/accounts`)
      await reader.reads('no-right', /for administrators/)
    },
    'an administrator appoints, and sees what was done': async ({ secretary, server }) => {
      const { page } = secretary
      await page.goto(`${server.origin}/accounts`)
      await secretary.fill('admin-token', server.adminToken)
      await secretary.click('enter')
      await secretary.fill('body-name', 'Military Committee')
      await secretary.click('add-body')
      await secretary.until('it is there', async () => (await page.$$('[data-testid=body-line]')).length === 2)
      await secretary.click('appoint')
      await secretary.choose('appoint-role', 'reader')
      await secretary.click('appoint-dialog-submit')
      await page.waitForSelector('[data-testid=appoint-dialog]', { hidden: true })
      await secretary.see('deed')
      const acts = await page.$$eval('[data-testid=deed]', (all) => all.map((e) => e.dataset.act))
      for (const act of ['login', 'logout', 'meeting_made', 'role_given', 'body_made']) assert.ok(acts.includes(act), `${act}: ${acts}`)
      await everywhere(page, 'login-accounts')
    },
    'a login that this tab did not begin is none': async ({ reader, server }) => {
      await reader.page.goto(`${server.origin}/login?code=a&state=b`)
      await reader.reads('login-problem', /not begun in this tab/)
      assert.equal(reader.page.url(), `${server.origin}/login`)
      await everywhere(reader.page, 'login-problem')
      provider.stop()
      rmSync(folder, { recursive: true })
    },
  },
  async () => {
    provider = await startProvider(PEOPLE)
    return startServer(...provider.options(join(folder, 'secret')))
  },
)
