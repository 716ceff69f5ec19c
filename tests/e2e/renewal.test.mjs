// The server is to be stopped, and is not; then it is updated while pages are open: who is in a meeting keeps the page until they leave, who waits for
// one has it loaded anew and waits on.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

/** The page is still the document that it was. */
const mark = (person) => person.page.evaluate(() => (window.marked = true))
const marked = (person) => person.page.evaluate(() => window.marked === true).catch(() => undefined) // between two documents

scene(
  'renewal',
  async (s) => {
    s.open = await s.server.meeting([{ name: 'Anna', role: 'chair' }])
    s.later = await s.server.meeting([{ name: 'Clara', role: 'chair' }, { name: 'Olga', role: 'observer', shared: true }])
    s.anna = await Person.chromium(s.open.invitations.Anna, 'red')
    s.olga = await Person.chromium(s.later.invitations.Olga)
    s.people = [s.anna, s.olga]
  },
  {
    'one is in a meeting, one waits for hers': async ({ anna, olga }) => {
      await anna.join()
      await olga.open()
      await olga.see('join-page')
      await olga.page.type('[data-testid=name-input]', 'Olga of the gallery')
    },
    'the server is to be stopped: who presides is told when, and who wants into another meeting': async ({ server, anna, olga }) => {
      const said = (person) => person.page.$eval('[data-testid=maintenance], [data-key=maintenance]', (e) => e.innerText)
      const clock = (person, at) => person.page.evaluate((at) => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(at), at)
      await server.drain('--deadline', '90')
      await anna.page.waitForSelector('[data-key=maintenance]')
      assert.ok((await said(anna)).includes(`${await clock(anna, await server.deadline())} at the latest`), await said(anna))
      await olga.click('join')
      await olga.see('maintenance')
      assert.ok((await said(olga)).includes(`${await clock(olga, await server.deadline())} at the latest`), await said(olga))
    },
    'it is called off: who wants in comes in by herself': async ({ server, anna, olga }) => {
      await server.drain('--cancel')
      await olga.see('waiting', 20_000)
      await anna.page.waitForFunction(() => /called off/.test(document.querySelector('[data-key=maintenance]')?.innerText ?? 'called off'))
      await mark(anna)
      await mark(olga)
    },
    'the same server comes back, and nothing is loaded anew': async ({ server, open, later, anna, olga }) => {
      const { again } = await server.kill()
      await again()
      await until('both are back', 20_000, async () => {
        // A meeting to which nobody came (back) is none.
        const there = ({ id }) => server.api('GET', `/api/meetings/${id}/participants`).catch(() => undefined)
        const saw = await Promise.all([open, later].map(there))
        return { ok: saw.every((answer) => answer?.participants.length === 1), saw }
      })
      assert.deepEqual(await Promise.all([marked(anna), marked(olga)]), [true, true])
      assert.equal(await anna.page.$('[data-key=updated]'), null)
      assert.equal(await olga.page.$('[data-testid=updated]'), null)
    },
    'another one: in the meeting the page says so, and stays': async ({ server, anna }) => {
      const { again } = await server.kill()
      await again(server.rebuilt())
      await anna.page.waitForSelector('[data-key=updated]', { timeout: 20_000 })
      await anna.see('room')
      assert.equal(await marked(anna), true)
    },
    'who waits has the new page, once, and waits on by the same name': async ({ olga }) => {
      await until('her page is another', 20_000, async () => ({ ok: (await marked(olga)) === false }))
      await olga.see('updated', 20_000) // the new page, which it hears again from this server, is not loaded a third time
      await olga.see('waiting')
      await mark(olga)
    },
    'who leaves has the new page too, and is out': async ({ anna, olga }) => {
      await anna.click('leave')
      await until('her page is another', 20_000, async () => ({ ok: (await marked(anna)) === false }))
      await anna.see('left')
      await anna.click('rejoin')
      await anna.enter()
      assert.equal(await marked(olga), true)
    },
  },
)
