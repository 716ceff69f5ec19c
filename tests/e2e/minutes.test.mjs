// The minutes of a short meeting in the page: they grow with it, the rapporteur notes, a delegation proposes
// a correction, the chair accepts it and adopts what was read; printed, they stand alone. Pictures of the
// screens and the print stay in build/e2e.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import jsQR from 'jsqr'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const PICTURES = fileURLToPath(new URL('../../build/e2e/', import.meta.url))
const [EARLIER, RECORD] = ['earlier', 'adopted'].map((name) => `${PICTURES}minutes-${name}.record`)
const PREPARED = [
  { act: 'put_item', item: 'i', title: 'Guarantees' },
  {
    act: 'put_decision',
    decision: 'd',
    item: 'i',
    title: 'Mandate',
    texts: [
      { language: 'EN', text: 'The Committee gives the mandate.' },
      { language: 'FR', text: 'Le Comité donne le mandat.' },
    ],
    rule: { procedure: 'consensus' },
    excluded: [],
  },
]

/** Clicks on the only one of these that is shown. */
async function clickOn({ page }, selector) {
  const element = await page.waitForSelector(selector, { visible: true })
  await element.evaluate((e) => e.click())
  await element.dispose()
}

async function write({ page }, id, text) {
  await page.waitForSelector(`[data-testid="${id}"]`)
  await page.$eval(
    `[data-testid="${id}"]`,
    (field, value) => {
      field.value = value
      field.dispatchEvent(new Event('input', { bubbles: true }))
    },
    text,
  )
}

/** Waits until the minutes in the page say so. */
async function say(person, pattern) {
  await until(`${person.name}'s minutes say ${pattern}`, 15_000, async () => {
    const saw = await person.page.evaluate(
      () => document.querySelector('[data-testid=minutes-text]')?.textContent.replace(/\s+/g, ' ') ?? 'nothing',
    )
    return { ok: pattern.test(saw), saw }
  })
}

/** The number of the event of the line that says so. */
function eventOf({ page }, words) {
  return page.$$eval(
    '[data-testid=minutes-line]',
    (lines, w) => lines.find((l) => l.textContent.includes(w)).dataset.event,
    words,
  )
}

/** Opens what may be done to the line that says so, and does it. */
async function actOn(person, words, act) {
  const event = await eventOf(person, words)
  await clickOn(person, `[data-testid=minutes-line][data-event="${event}"] [data-testid=minutes-menu]`)
  await person.click(act)
}

/** What a code on the page says, by the modules that are drawn. */
async function scan({ page }) {
  const { size, path } = await page.$eval('[data-testid=qr]', (svg) => ({ size: svg.viewBox.baseVal.width, path: svg.querySelector('path').getAttribute('d') }))
  const EACH = 4 // pixels of a module
  const side = size * EACH
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255)
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h/g))
    for (let i = 0; i < EACH * EACH; i++) {
      const at = 4 * ((+y * EACH + Math.floor(i / EACH)) * side + +x * EACH + (i % EACH))
      pixels.fill(0, at, at + 3)
    }
  return jsQR(pixels, side, side).data
}

async function picture({ page, name }, of) {
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: `${PICTURES}minutes-${of}-${name.split(' ')[0]}.png` })
}

scene(
  'minutes',
  async (s) => {
    s.meeting = await s.server.meeting(
      [
        { name: 'Anna Chair', role: 'chair' },
        { name: 'Fox', role: 'delegate', seat: 'NOR' },
        { name: 'Rita', role: 'rapporteur' },
      ],
      { floor: 'chaired', marking: 'RELEASABLE TO MEMBERS', body: 'Military Committee', prepared: PREPARED },
    )
    const { invitations } = s.meeting
    s.anna = await Person.chromium(invitations['Anna Chair'], 'red')
    s.fox = await Person.chromium(invitations.Fox, 'green')
    s.rita = await Person.chromium(invitations.Rita)
    s.people = [s.anna, s.fox, s.rita]
  },
  {
    'all come in': async ({ people }) => {
      for (const person of people) await person.join()
    },
    'what happens stands in the minutes of all': async ({ anna, people }) => {
      await anna.tab('agenda')
      await anna.click('item-menu')
      await anna.click('item-take')
      for (const person of people) {
        await person.tab('minutes')
        await say(person, /The meeting was called to order at/)
        await say(person, /Item 1: Guarantees/)
      }
      await picture(anna, 'begun')
    },
    'in French too': async ({ fox }) => {
      await fox.click('minutes-fr')
      await say(fox, /La séance est ouverte à .*Point 1\s: Guarantees/)
      await fox.click('minutes-en')
    },
    'the rapporteur adds a note': async ({ fox, rita }) => {
      await actOn(rita, 'called to order', 'line-note')
      await write(rita, 'reason', 'All were connected in time.')
      await rita.click('note-submit')
      for (const person of [rita, fox]) await say(person, /Note \(Rita\): All were connected in time\./)
    },
    'the session is closed, and the minutes are opened for corrections': async ({ anna, fox }) => {
      await anna.tab('desk')
      await anna.click('session-close')
      await anna.click('session-closed-submit')
      await anna.tab('minutes')
      await say(anna, /The meeting rose at/)
      await anna.click('period-open')
      await clickOn(anna, '[data-testid=period] .acts .button')
      await anna.click('period-submit')
      await fox.readsIn('minutes-status', /Corrections may be proposed until/)
    },
    'a delegation proposes a correction': async ({ anna, fox }) => {
      await actOn(fox, 'called to order', 'line-correct')
      await write(fox, 'correction-text', 'The meeting was called to order in Oslo.')
      await fox.click('correction-submit')
      await anna.readsIn('corrections', /called to order in Oslo[\s\S]*Accept/)
      await picture(anna, 'correction')
      await picture(fox, 'correction')
    },
    'the chair accepts it': async ({ anna, fox, server, meeting }) => {
      await server.export(meeting.id, EARLIER)
      await anna.click('correction-accept')
      await say(fox, /As corrected at the request of .*: “The meeting was called to order in Oslo\.”/)
      await anna.readsIn('corrections', /Accepted/)
    },
    'and adopts what was read': async ({ anna, people }) => {
      assert.equal(await anna.page.$('[data-testid=minutes-adopt]'), null, 'not within the period')
      await anna.click('period-end')
      await anna.click('minutes-adopt')
      await anna.click('confirm-yes')
      for (const person of people) await person.readsIn('minutes-status', /Adopted by the chair on .*SHA-256 of both texts: [0-9a-f]{64}/s)
      assert.equal(await anna.page.$('[data-testid=minutes-status] .other'), null, 'it is the text that was adopted')
    },
    'a code to verify them with stands there': async (s) => {
      await s.anna.see('qr', 15_000)
      await picture(s.anna, 'adopted')
      s.link = await scan(s.anna)
    },
    'on paper they stand alone': async ({ anna }) => {
      await anna.page.emulateMediaType('print')
      const shown = await anna.page.evaluate(() =>
        ['minutes-text', 'minutes-print', 'tab-minutes', 'topbar'].filter((id) => {
          const e = document.querySelector(`[data-testid="${id}"]`)
          return e && e.getClientRects().length > 0
        }),
      )
      assert.deepEqual(shown, ['minutes-text'])
      await anna.page.screenshot({ path: `${PICTURES}minutes-print.png`, fullPage: true })
      await anna.page.pdf({ path: `${PICTURES}minutes.pdf`, format: 'A4' })
    },
    'the code leads to the page that says whether a file is the record of that paper': async ({ fox, server, meeting, link }) => {
      assert.ok(link.startsWith(`${server.origin}/verify#origin=`), link)
      await fox.page.goto(link)
      await fox.readsIn('paper', /You come from minutes on paper/)
      const open = async (path) => (await fox.page.waitForSelector('[data-testid=file]')).uploadFile(path)
      await open(EARLIER)
      await fox.readsIn('fault', /this record has \d+: it is an earlier one, or cut off/)
      await server.export(meeting.id, RECORD)
      await open(RECORD)
      await fox.readsIn('checked', /It is the record that your paper is of/)
      await picture(fox, 'verified')
    },
  },
)
