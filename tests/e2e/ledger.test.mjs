// The record in the page, as it grows: what was said, proposed and decided is found; an event shows its signature, the
// checkpoint and its proof, verified in the browser; a line of the minutes leads to it and back. Own acts are proven
// by themselves, and a server that leaves one out, or shows another, is noticed; what somebody only says is told as
// that. Pictures of the screens stay in build/e2e.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Between } from './between.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const PICTURES = fileURLToPath(new URL('../../build/e2e/', import.meta.url))
const PREPARED = [
  { act: 'put_item', item: 'i', title: 'Guarantees' },
  { act: 'put_item', item: 'j', title: 'Énergie' },
  { act: 'put_paper', paper: 'p', item: 'i', title: 'Ways', questions: [] },
  { act: 'put_option', paper: 'p', option: 'o', title: 'Observers', answers: [], touches: [] },
  { act: 'put_decision', decision: 'd', item: 'i', title: 'Mandate', texts: [{ language: 'EN', text: 'We give it.' }], rule: { procedure: 'consensus' }, excluded: [] },
]
const PEOPLE = [
  { name: 'Anna Chair', role: 'chair' },
  { name: 'Fox', role: 'delegate', seat: 'NOR' },
  { name: 'Løve', role: 'delegate', seat: 'CAN' },
]

/** As a message of the page: signed where the page signs. */
async function acts(person, ...messages) {
  for (const message of messages) await person.page.evaluate((text) => window.sockets.at(-1).send(text), JSON.stringify(message))
}

async function sees(person, what, look) {
  let saw
  await until(`${person.name} sees ${what}`, 20_000, async () => {
    saw = await person.page.evaluate(look)
    return { ok: Boolean(saw), saw }
  })
  return saw
}

async function entries({ page }) {
  return page.$$eval('[data-testid=record-entry]', (all) => all.map((e) => [e.dataset.kind, e.querySelector('.what').textContent]))
}

async function write({ page }, id, text) {
  await page.$eval(`[data-testid="${id}"]`, (field, value) => {
    field.value = value
    field.dispatchEvent(new Event('input', { bubbles: true }))
    field.dispatchEvent(new Event('change', { bubbles: true }))
  }, text)
}

async function picture({ page, name }, of) {
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: `${PICTURES}ledger-${of}-${name.split(' ')[0]}.png` })
}

/** Of the page's connection; undefined: it waits outside the room. */
const link = ({ page }) => page.evaluate(() => document.querySelector('[data-testid=room]')?.dataset.link)

const vote = async (person) => {
  await person.tab('desk')
  await person.click('vote-join')
}

scene(
  'the live record',
  async (s) => {
    s.alarms = true
    s.meeting = await s.server.meeting(PEOPLE, { floor: 'chaired', encryption: 'required', prepared: PREPARED, marking: 'RELEASABLE TO MEMBERS' })
    const { links } = await s.server.invite(s.meeting.id)
    s.between = await Between.start(s.server)
    s.anna = await Person.chromium({ name: 'Anna Chair', url: links['Anna Chair'] }, 'red')
    s.fox = await Person.firefox({ name: 'Fox', url: links.Fox })
    s.love = await Person.chromium({ name: 'Løve', url: s.between.link('Løve', links['Løve']) }, 'green')
    s.people = [s.anna, s.fox, s.love]
    for (const person of s.people) await person.join()
  },
  {
    'own acts are proven by themselves': async ({ anna, fox }) => {
      await acts(anna, { type: 'take_item', item: 'i' }, { type: 'call_decision', decision: 'd', version: 1 })
      await vote(fox)
      await sees(fox, 'a proof', () => Number(document.querySelector('[data-testid=room]').dataset.proven) > 0)
    },
    'what was decided is found': async ({ fox }) => {
      await fox.tab('minutes')
      await fox.click('view-record')
      await sees(fox, 'the vote', () => [...document.querySelectorAll('[data-testid=record-entry]')].some((e) => /Join, on “Mandate”/.test(e.textContent)))
      await picture(fox, 'list')
      await write(fox, 'record-search', 'MANDATE norw')
      await sees(fox, 'one act', () => document.querySelectorAll('[data-testid=record-entry]').length === 1)
      await write(fox, 'record-search', 'energie')
      assert.deepEqual(await entries(fox), [['proposed', 'Item on the agenda: “Énergie”']])
      await write(fox, 'record-search', '')
      await sees(fox, 'the latest act', () => document.querySelector('[data-testid=record-list]').scrollTop > 0)
      await fox.click('record-kind-decided')
      assert.deepEqual((await entries(fox)).map(([kind]) => kind), ['decided', 'decided'])
      await write(fox, 'record-seat', 'NOR')
      await sees(fox, 'one act', () => document.querySelectorAll('[data-testid=record-entry]').length === 1)
    },
    'with its signature and its proof': async ({ fox }) => {
      await fox.click('record-entry')
      await sees(fox, 'the proof', () => document.querySelector('[data-testid=event-proof]')?.dataset.proof === 'shown')
      await sees(fox, 'the signature', () => document.querySelector('[data-testid=event-signature]')?.dataset.signed === 'good')
      await fox.readsIn('event', /Proven to be in the record: event \d+ of \d+\.\s*Your own act/)
      await fox.readsIn('event', /verified and cosigned/)
      const bytes = JSON.parse(await fox.page.$eval('[data-testid=event-bytes]', (e) => e.textContent))
      assert.equal(bytes.act, 'vote')
      await picture(fox, 'event')
    },
    'in a narrow window too': async ({ anna }) => {
      await anna.page.setViewport({ width: 390, height: 844 })
      await anna.tab('minutes')
      await anna.click('view-record')
      await sees(anna, 'the acts', () => document.querySelectorAll('[data-testid=record-entry]').length > 3)
      assert.ok(await anna.page.evaluate(() => document.documentElement.scrollWidth <= 390), 'nothing stands out')
      await picture(anna, 'narrow-list')
      await anna.page.focus('[data-testid=record-entry][tabindex="0"]')
      await anna.page.keyboard.press('Home')
      await sees(anna, 'the first act', () => document.activeElement.dataset.number === '1')
      await anna.page.keyboard.press('ArrowDown')
      await anna.page.keyboard.press('Enter')
      await sees(anna, 'the second event', () => document.querySelector('[data-testid=event]')?.dataset.number === '2')
      await sees(anna, 'its proof', () => document.querySelector('[data-testid=event-proof]')?.dataset.proof === 'shown')
      await picture(anna, 'narrow-event')
      await anna.page.setViewport({ width: 1440, height: 900 })
    },
    'a line of the minutes leads there and back': async ({ anna }) => {
      await anna.click('view-minutes')
      await sees(anna, 'the minutes', () => document.querySelector('[data-testid=minutes-event]'))
      const event = await anna.page.$$eval('[data-testid=minutes-event]', (all) => {
        const one = all.at(-1)
        one.click()
        return one.textContent.match(/\d+/)[0]
      })
      await sees(anna, 'the event', () => document.querySelector('[data-testid=event]'))
      assert.equal(await anna.page.$eval('[data-testid=event]', (e) => e.dataset.number), event)
      await picture(anna, 'wide')
      await anna.click('event-minutes')
      await sees(anna, 'its line', () => document.querySelector('.line.looked'))
      await anna.page.evaluate(() => (location.hash = '#event-3'))
      await sees(anna, 'the event of the link', () => document.querySelector('[data-testid=event]')?.dataset.number === '3')
      assert.equal(new URL(anna.page.url()).hash, '')
    },
    'what somebody only says is told as that': async ({ anna, fox, love }) => {
      const note = await fox.page.evaluate(() => JSON.parse(Object.entries(localStorage).find(([n]) => n.startsWith('parley:record:'))[1]).note)
      await acts(love, { type: 'alarm', why: 'rewritten', ours: note, theirs: note })
      for (const person of [anna, fox]) {
        await person.see('record-claim', 20_000)
        await person.readsIn('record-claim', /Unproven claim by Løve:/)
        assert.equal(await person.page.$('[data-testid=record-alarm]'), null)
      }
      await picture(fox, 'claim')
    },
    'and is told to who comes later, after a restart too': async ({ server, anna, fox }) => {
      const killed = await server.kill()
      killed.keep()
      await killed.again()
      await until('all are back', 20_000, async () => {
        const saw = await Promise.all([anna, fox].map(link))
        return { ok: saw.every((link) => link === 'online'), saw }
      })
      await anna.see('record-claim', 20_000)
      assert.equal(await anna.page.$('[data-testid=record-alarm]'), null)
    },
    'a server that proves another act is noticed': async ({ anna, between, love }) => {
      between.answer = (path, body) => (path.includes('/record/inclusion') ? JSON.stringify({ ...JSON.parse(body), leaf: btoa('x'.repeat(32)) }) : undefined)
      await until('Løve is back', 20_000, async () => {
        const saw = await link(love)
        return { ok: saw === 'online', saw }
      })
      await vote(love)
      await love.see('record-alarm', 30_000)
      assert.equal(await love.page.$eval('[data-testid=record-alarm]', (e) => e.dataset.why), 'missing')
      await love.readsIn('record-alarm', /does not hold what was done/)
      await picture(love, 'alarm')
      // To the others the server shows it: they are told what she says.
      await until('Anna hears of it as a claim', 20_000, async () => {
        const saw = await anna.page.evaluate(() => document.querySelector('[data-testid=record-claim]')?.dataset.claims ?? '')
        return { ok: /missing/.test(saw), saw }
      })
      assert.equal(await anna.page.$('[data-testid=record-alarm]'), null)
    },
  },
)
