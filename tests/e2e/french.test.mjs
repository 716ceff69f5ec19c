// The page in French, which is a third longer: nothing is cut off and nothing stands out at three widths;
// the language changes while the meeting goes on; times of the meeting's zone; names from right to left.
// Pictures of the screens stay in build/e2e.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const DEMO = JSON.parse(readFileSync(new URL('../../src/server/demo.json', import.meta.url), 'utf8'))
const PICTURES = fileURLToPath(new URL('../../build/e2e/', import.meta.url))
const SIZES = [
  { width: 1440, height: 900 },
  { width: 768, height: 1024 },
  { width: 390, height: 844 },
]
const CHAIR = 'Solveig Lindqvist'
const NORWAY = 'Ingrid Haugland'
const DANA = 'דנה כהן'

const prefer = ({ page }, ...tags) =>
  page.evaluateOnNewDocument((tags) => Object.defineProperty(Navigator.prototype, 'languages', { get: () => tags }), tags)

/** What is written and does not fit: beyond the window, or cut off where nothing says that it goes on. */
function cutOff() {
  const shown = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  const found = []
  if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide`)
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim())
    if (!own || !shown(e) || e.closest('.visually-hidden, svg, select, [data-scroll-x]')) continue
    const range = document.createRange()
    range.selectNodeContents(e)
    const text = range.getBoundingClientRect()
    if (text.width === 0) continue
    const say = (what) => found.push(`${what}: ${e.tagName} "${e.textContent.trim().slice(0, 60)}"`)
    const style = getComputedStyle(e)
    for (let box = e; box && box !== document.body; box = box.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(box)
      if (overflowX === 'auto' || overflowX === 'scroll') break
      if (overflowX !== 'hidden' && overflowX !== 'clip') continue
      const { left, right } = box.getBoundingClientRect()
      if (right - left <= 2) break // for screen readers alone
      if (textOverflow !== 'ellipsis' && (text.right > right + 1 || text.left < left - 1)) say('cut off')
      break
    }
    const button = e.closest('button')
    if (button && style.position !== 'absolute') {
      const { left, right } = button.getBoundingClientRect()
      if (style.textOverflow !== 'ellipsis' && (text.right > right + 1 || text.left < left - 1)) say('out of its button')
    }
  }
  return found
}

/** Looks at a page at every width. */
async function look(person, of) {
  mkdirSync(PICTURES, { recursive: true })
  const wrong = []
  for (const size of SIZES) {
    await person.page.setViewport(size)
    await new Promise((done) => setTimeout(done, 300)) // the layout follows the window, in an animation
    await person.page.screenshot({ path: `${PICTURES}french-${of}-${size.width}.png` })
    for (const what of await person.page.evaluate(cutOff)) wrong.push(`${of} at ${size.width}: ${what}`)
  }
  return wrong
}

const text = (person, id) => person.page.$eval(`[data-testid="${id}"]`, (e) => e.innerText)

scene(
  'in French',
  async (s) => {
    s.meeting = await s.server.define({
      ...DEMO,
      zone: 'Asia/Kolkata', // half an hour from every browser's
      lobby: false,
      people: [
        ...DEMO.people,
        { name: DANA, role: 'observer' },
        { name: 'Public', role: 'observer', shared: true },
      ],
    })
    const { invitations } = s.meeting
    s.chair = await Person.chromium(invitations[CHAIR], 'red')
    s.norway = await Person.chromium(invitations[NORWAY], 'green')
    s.dana = await Person.chromium(invitations[DANA])
    s.guest = await Person.chromium(invitations.Public)
    s.people = [s.chair, s.norway, s.dana, s.guest]
    for (const person of s.people) await prefer(person, 'fr-CA', 'en')
    s.wrong = []
  },
  {
    'a browser that prefers it has the page in it': async ({ chair, wrong }) => {
      await chair.open()
      await chair.see('join-page')
      assert.equal(await chair.page.evaluate(() => document.documentElement.lang), 'fr')
      assert.equal(await text(chair, 'join'), 'Participer')
      wrong.push(...(await look(chair, 'join')))
      await chair.enter()
    },
    'a name that turns the writing is refused, in French': async ({ guest }) => {
      await guest.open()
      await guest.see('name-input')
      await guest.page.type('[data-testid=name-input]', 'Anna \u202eyawroN')
      await guest.click('join')
      await guest.problem('refused')
      await guest.reads(/Un nom ne comporte pas de caractères/)
    },
    'every part of the room fits': async ({ chair, norway, dana, wrong }) => {
      await norway.join()
      await dana.join()
      for (const tab of ['desk', 'agenda', 'floor', 'decisions', 'minutes', 'people', 'chat']) {
        await chair.page.setViewport(SIZES[0])
        await chair.tab(tab)
        wrong.push(...(await look(chair, `chair-${tab}`)))
      }
      for (const tab of ['desk', 'decisions']) {
        await norway.page.setViewport(SIZES[0])
        await norway.tab(tab)
        wrong.push(...(await look(norway, `norway-${tab}`)))
      }
      for (const sheet of ['options', 'register']) {
        await chair.page.setViewport(SIZES[0])
        await chair.click(sheet)
        wrong.push(...(await look(chair, sheet)))
        await chair.page.setViewport(SIZES[0])
        await chair.click(sheet)
      }
      await chair.click('more')
      wrong.push(...(await look(chair, 'menu')))
      await chair.page.keyboard.press('Escape')
    },
    'the language changes at once, and nobody leaves for it': async ({ chair, norway }) => {
      await chair.page.setViewport(SIZES[0])
      await chair.click('more')
      await chair.click('language-en')
      await until('the bar is in English', 5_000, async () => {
        const saw = await text(chair, 'leave')
        return { ok: /Leave/.test(saw), saw }
      })
      assert.equal(await chair.page.$eval('[data-testid=room]', (room) => room.dataset.link), 'online')
      await norway.tab('people')
      assert.match(await text(norway, 'people-panel'), new RegExp(CHAIR))
      await chair.page.reload()
      await chair.see('join-page')
      assert.equal(await text(chair, 'join'), 'Join') // it is remembered
      await chair.enter()
    },
    "times are the meeting's and the reader's": async ({ chair, norway }) => {
      await norway.page.setViewport(SIZES[0])
      assert.match(await text(norway, 'clock'), /^\d\d:\d\d Kolkata, \d\d:\d\d ici$/)
      assert.match(await text(chair, 'clock'), /^\d\d:\d\d Kolkata, \d\d:\d\d here$/)
    },
    'a name from right to left stands by itself': async ({ chair }) => {
      await chair.tab('people')
      const saw = await text(chair, 'people-panel')
      assert.ok(saw.includes(`\u2068${DANA}\u2069`), saw)
    },
    'preparation and verification fit': async ({ norway, server, wrong }) => {
      await norway.page.setViewport(SIZES[0])
      await norway.page.goto(`${server.origin}/verify`)
      await norway.see('choose')
      wrong.push(...(await look(norway, 'verify')))
      await norway.page.goto(`${server.origin}/prepare`)
      await norway.see('admin-token')
      wrong.push(...(await look(norway, 'prepare-token')))
      await norway.page.type('[data-testid=admin-token]', server.adminToken)
      await norway.click('enter')
      await norway.see('new-meeting')
      wrong.push(...(await look(norway, 'prepare-list')))
      await norway.click('new-meeting')
      await norway.see('prepare-title')
      for (const part of ['meeting', 'seats', 'agenda', 'parties', 'papers', 'register', 'decisions', 'people']) {
        await norway.page.setViewport(SIZES[0])
        await norway.click(`section-${part}`)
        wrong.push(...(await look(norway, `prepare-${part}`)))
      }
    },
    'nothing was cut off': ({ wrong }) => assert.deepEqual(wrong, []),
  },
)
