// An encrypted meeting of which every key is made in browsers: the organiser's on the preparation page, and
// from its links those of who comes. The server is told no secret.
import assert from 'node:assert/strict'
import { chromium, FIREFOX_HZ } from './browsers.mjs'
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { Secretary } from './secretary.mjs'
import { until } from './until.mjs'

const DIGITS = /^(\d{5} ){7}\d{5}$/

/** Everything that the tab keeps, as text. */
const kept = (person) => person.page.evaluate(() => JSON.stringify({ ...sessionStorage }))

const secretOf = (link) => link.split('#')[1].split('.')[2]

/** A second tab in the browser of another person. */
async function besides(person, { name, url }) {
  const page = await person.browser.driver.newPage()
  return new Person({ driver: person.browser.driver, page, log: [], close: () => page.close() }, { name, url })
}

/** The room code of each, once it is the same for all. */
async function oneCode(people) {
  await until(`${people.map((p) => p.name)} have one room code`, 15_000, async () => {
    const saw = await Promise.all(people.map((p) => p.encryption()))
    return { ok: saw.every((s) => s.code && s.code === saw[0].code && s.members.length === people.length), saw }
  })
}

scene(
  'organiser',
  async (s) => {
    s.secretary = new Secretary(await chromium(), s.server)
    s.people = [s.secretary]
  },
  {
    'makes a key, and with it an encrypted meeting': async (s) => {
      const { secretary } = s
      await secretary.enter(s.server.adminToken)
      await secretary.see('organiser-card')
      await secretary.click('new-meeting')
      await secretary.fill('prepare-title', 'Council')
      await secretary.choose('prepare-floor', 'open')
      await secretary.click('prepare-lobby')
      await secretary.part('seats')
      await secretary.choose('add-country', 'CA')
      await secretary.click('add-country-go')
      await secretary.part('agenda')
      await secretary.fill('item-title', 'The budget')
      await secretary.part('people')
      await secretary.fill('person-name', 'Red')
      for (const name of ['Fox', 'Blue']) {
        await secretary.click('add-person')
        await secretary.fill('person-name', name, -1)
        await secretary.choose('person-role', 'delegate', -1)
        await secretary.choose('person-seat', 'CAN', -1)
      }
      await secretary.click('save')
      await secretary.makeKey('correct horse battery')
      s.links = await secretary.linksByName()
      assert.deepEqual(Object.keys(s.links), ['Red', 'Fox', 'Blue'])
      s.organiser = await secretary.fingerprint()
      assert.match(s.organiser, DIGITS)
    },
    'the server has no secret of it': async ({ server, links }) => {
      const { meetings } = await server.api('GET', '/api/meetings')
      const told = JSON.stringify([
        await server.api('GET', `/api/meetings/${meetings[0].id}`),
        await server.api('GET', `/api/meetings/${meetings[0].id}/manifest`),
      ])
      for (const link of Object.values(links)) assert.ok(!told.includes(secretOf(link)))
      assert.match(told, /required/)
    },
    'its links open it in Chromium and Firefox': async (s) => {
      s.red = await Person.chromium({ name: 'Red', url: s.links.Red }, 'red')
      s.people.push(s.red)
      await s.red.join()
      s.fox = await Person.firefox({ name: 'Fox', url: s.links.Fox })
      s.people.push(s.fox)
      await s.fox.join()
      await s.fox.shows({ Red: 'red' })
      await s.red.hears({ Fox: FIREFOX_HZ })
      await oneCode([s.red, s.fox])
      for (const person of [s.red, s.fox]) assert.equal((await person.encryption()).fingerprint, s.organiser)
    },
    'a reload keeps the place, by no secret in the tab': async (s) => {
      for (const person of [s.red, s.fox]) {
        const text = await kept(person)
        assert.ok(text.includes('token') && !text.includes(secretOf(person.url)), text)
        await person.page.reload()
        await person.enter()
      }
      await s.fox.shows({ Red: 'red' })
      await s.red.hears({ Fox: FIREFOX_HZ })
      await oneCode([s.red, s.fox])
    },
    'two people in two tabs of one browser are two': async (s) => {
      s.blue = await besides(s.red, { name: 'Blue', url: s.links.Blue })
      s.people.push(s.blue)
      await s.blue.join()
      await s.blue.page.reload() // by the key of Blue, not of Red
      await s.blue.enter()
      await oneCode([s.red, s.fox, s.blue])
      const { members } = await s.fox.encryption()
      for (const name of ['Red', 'Fox', 'Blue']) assert.ok(members.some((m) => m.includes(name)), `${members}`)
    },
    'the key is there in a later page, and signs for one person': async (s) => {
      const { secretary } = s
      await secretary.again()
      assert.equal(await secretary.fingerprint(), s.organiser)
      await secretary.openFirst()
      await secretary.part('links')
      await secretary.reads('signed', /Signed by you/)
      await secretary.clickOf('Blue', 'new-link')
      await secretary.click('confirm-yes')
      s.fresh = (await secretary.linksByName()).Blue
      assert.notEqual(secretOf(s.fresh), secretOf(s.links.Blue))
    },
    'whose link before opens it no more': async ({ red, blue, fox }) => {
      await blue.problem('revoked')
      await red.misses('Blue')
      await oneCode([red, fox])
    },
    'and the new one does, where the others stayed': async (s) => {
      s.blue.url = s.fresh
      await s.blue.page.goto('about:blank')
      await s.blue.join()
      await oneCode([s.red, s.fox, s.blue])
    },
    'the chair signs a late guest, who comes by a link that was shown once': async (s) => {
      const { red } = s
      await red.page.bringToFront() // before the tab of Blue
      await red.encryption()
      await red.click('late-open')
      await red.page.type('[data-testid=late-name]', 'Late Guest')
      await red.click('late-submit')
      await red.see('late-link')
      s.late = { name: 'Late Guest', url: await red.page.$eval('[data-testid=late-link]', (field) => field.value) }
      await red.page.keyboard.press('Escape')
      s.guest = await Person.chromium(s.late, 'green')
      s.people.push(s.guest)
      await s.guest.join()
      await oneCode([s.red, s.fox, s.blue, s.guest])
      await s.guest.shows({ Red: 'red' })
      await s.red.shows({ 'Late Guest': 'green' })
      assert.equal((await s.guest.encryption()).fingerprint, s.organiser)
    },
    'and revokes them: out within two seconds, for good': async (s) => {
      const inside = () => s.guest.page.evaluate(() => document.querySelector('[data-testid=room]') !== null)
      const before = (await s.red.encryption()).code
      await s.red.revoke('Late Guest')
      const began = Date.now()
      await until('the guest is out, and the keys are others', 2_000, async () => {
        const saw = { inside: await inside(), code: (await s.red.encryption()).code, ms: Date.now() - began }
        return { ok: !saw.inside && saw.code !== before, saw }
      })
      await s.guest.problem('revoked')
      await s.red.misses('Late Guest')
      await oneCode([s.red, s.fox, s.blue])
      await s.guest.page.goto('about:blank')
      await s.guest.open()
      await s.guest.problem('revoked')
    },
    'the organiser reads what the chair signed': async ({ secretary }) => {
      await secretary.again()
      await secretary.openFirst()
      await secretary.part('links')
      await secretary.reads('signed', /Signed by you/)
      const rows = await secretary.page.$$eval('[data-testid=link-row]', (all) => all.map((row) => row.innerText))
      assert.ok(rows.some((text) => /Late Guest/.test(text) && /No link yet/.test(text)), `${rows}`)
    },
    'and adds a seat while the meeting runs, whose delegate everybody sees, and has the keys': async (s) => {
      const { secretary, red, fox } = s
      await secretary.click('late-seat-open')
      await secretary.choose('late-seat-country', 'SE')
      await secretary.fill('late-seat-delegate', 'Sven')
      await secretary.click('late-seat-submit')
      await secretary.page.waitForSelector('[data-testid=late-seat]', { hidden: true, timeout: 10_000 })
      s.sven = await Person.chromium({ name: 'Sven', url: (await secretary.linksByName()).Sven }, 'green')
      s.people.push(s.sven)
      await s.sven.join()
      await oneCode([red, fox, s.blue, s.sven])
      await red.shows({ Sven: 'green' })
      await s.sven.shows({ Red: 'red' })
      for (const person of [red, fox, s.sven]) {
        const { members } = await person.encryption()
        assert.ok(members.some((text) => /Sven/.test(text)), `${members}`)
        assert.match(await person.page.$eval('[data-testid=tile][aria-label^=Sven]', (tile) => tile.getAttribute('aria-label')), /Sweden/)
      }
    },
    'and it is a seat of the record, as it was signed': async ({ server }) => {
      const { meetings } = await server.api('GET', '/api/meetings')
      const { seats } = await server.api('GET', `/api/meetings/${meetings[0].id}`)
      assert.deepEqual(seats.map(({ id }) => id), ['CAN', 'SWE'])
      const { manifest } = await server.api('GET', `/api/meetings/${meetings[0].id}/manifest`)
      const { id, weight, guest } = JSON.parse(manifest).seats.at(-1)
      assert.deepEqual({ id, weight, guest }, { id: 'SWE', weight: 1, guest: false })
    },
  },
)

scene(
  'signed, in clear',
  async (s) => {
    const people = [
      { name: 'Red', role: 'chair' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
    ]
    const { id } = await s.server.meeting(people, { encryption: 'none' })
    const { links, organiser } = await s.server.invite(id)
    s.organiser = organiser
    s.red = await Person.chromium({ name: 'Red', url: links.Red }, 'red')
    s.fox = await Person.chromium({ name: 'Fox', url: links.Fox }, 'blue')
    s.people = [s.red, s.fox]
    for (const person of s.people) await person.join()
  },
  {
    'who may not sign is told that it is not encrypted, and no more': async ({ fox }) => {
      await fox.see('not-encrypted')
      assert.equal(await fox.page.$eval('[data-testid=not-encrypted]', (e) => e.tagName), 'SPAN')
    },
    'the chair signs a late guest, whose key signs': async (s) => {
      const { red } = s
      await red.click('not-encrypted')
      await red.readsIn('fingerprint', new RegExp(s.organiser.replaceAll(' ', '\\s*')))
      await red.click('late-open')
      await red.page.type('[data-testid=late-name]', 'Late Guest')
      await red.click('late-submit')
      await red.see('late-link')
      const url = await red.page.$eval('[data-testid=late-link]', (field) => field.value)
      await red.page.keyboard.press('Escape')
      s.guest = await Person.chromium({ name: 'Late Guest', url }, 'green')
      s.people.push(s.guest)
      await s.guest.join()
      await red.shows({ 'Late Guest': 'green' })
      const { meetings } = await s.server.api('GET', '/api/meetings')
      const { manifest } = await s.server.api('GET', `/api/meetings/${meetings[0].id}/manifest`)
      assert.ok(JSON.parse(manifest).people.some((p) => p.name === 'Late Guest' && p.key))
    },
    'and revokes them': async (s) => {
      await s.red.unlist('Late Guest')
      await s.guest.problem('revoked')
      await s.red.misses('Late Guest')
      await s.red.readsIn('signed-list', /Late Guest.*revoked/)
    },
  },
)
