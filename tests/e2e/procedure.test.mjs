// The meeting that Parley was made for, as its people live it: the demo's chair, two delegations and
// the briefer, from the lobby to a decision adopted by silence and one that is blocked, with what was
// not asked shown to the chair before the gavel falls. Norway takes part on a phone. Every screen is
// looked at (look.mjs).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { CAST } from './fakes.mjs'
import { look } from './look.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const DEMO = JSON.parse(readFileSync(new URL('../../src/server/demo.json', import.meta.url), 'utf8'))
const DESKTOP = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844, hasTouch: true, isMobile: true }
const SILENCE_MS = 25_000 // while it lasts, pages are looked at

const CHAIR = 'Solveig Lindqvist'
const NORWAY = 'Ingrid Haugland'
const FRANCE = 'Étienne Vaugirard'
const BRIEFER = 'Marcus Hale'
const TONES = { [CHAIR]: CAST.red.hz, [NORWAY]: CAST.green.hz, [BRIEFER]: CAST.orange.hz }
const tones = (...names) => Object.fromEntries(names.map((name) => [name, TONES[name]]))

const picture = ({ page, name }, of) => look(page, `procedure-${of}-${name.split(' ')[0]}`)

/** Opens a tab of the panel that says where the meeting stands. */
async function tab(person, which) {
  if (!(await person.page.$('[data-testid=side-panel]'))) await person.click('meeting')
  await person.click(`tab-${which}`)
}

/** Types into a field of the page, whatever was in it. */
async function write(person, id, text) {
  await person.see(id)
  await person.page.$eval(
    `[data-testid="${id}"]`,
    (field, value) => {
      field.value = value
      field.dispatchEvent(new Event('input', { bubbles: true }))
    },
    text,
  )
}

/** Clicks on the only one of these that is shown and matches the selector. */
async function clickOn(person, selector) {
  const element = await person.page.waitForSelector(selector, { visible: true })
  await element.evaluate((e) => e.click())
  await element.dispose()
}

/** Waits until the card of a decision says so. */
async function says(person, decision, pattern, ms = 10_000) {
  await until(`${person.name}'s page says ${pattern} of ${decision}`, ms, async () => {
    const saw = await person.page.evaluate(
      (id) => document.querySelector(`[data-testid=decision][data-decision="${id}"]`)?.innerText ?? 'nothing',
      decision,
    )
    return { ok: pattern.test(saw), saw }
  })
}

/** The chair's answer to the warnings, and what they named. */
async function acknowledge(chair, reason) {
  await chair.see('acknowledge')
  const warned = await chair.page.$$eval('[data-testid=acknowledge] [data-testid=warning]', (all) =>
    all.map((w) => ({ kind: w.dataset.kind, text: w.innerText })),
  )
  assert.ok(await chair.page.$('[data-testid=acknowledge-submit][disabled]'), 'a reason is needed')
  await write(chair, 'reason', reason)
  await picture(chair, 'warnings')
  await chair.click('acknowledge-submit')
  return warned
}

const kinds = (warned, name) => warned.filter((w) => w.text.includes(name)).map((w) => w.kind).sort()

/** In the clocks of UTC, as datetime-local has it. */
const local = (ms) => new Date(ms).toISOString().slice(0, 19)

scene(
  'the procedure',
  async (s) => {
    s.meeting = await s.server.define({ ...DEMO, open: false, lobby: true })
    const { invitations } = s.meeting
    s.chair = await Person.chromium(invitations[CHAIR], 'red')
    s.norway = await Person.chromium(invitations[NORWAY], 'green')
    s.france = await Person.chromium(invitations[FRANCE], 'blue')
    s.briefer = await Person.chromium(invitations[BRIEFER], 'orange')
    s.people = [s.chair, s.norway, s.france, s.briefer]
    await s.chair.page.setViewport(DESKTOP)
    await s.norway.page.setViewport(PHONE)
    await s.france.page.setViewport(DESKTOP)
  },
  {
    'delegations wait, then stand in the lobby, and are let in': async ({ chair, norway, france }) => {
      await norway.tryToJoin()
      await norway.see('waiting')
      await france.tryToJoin()
      await france.see('waiting')
      await picture(norway, 'waiting')
      await chair.join()
      await chair.see('console-lobby')
      await picture(chair, 'lobby')
      await chair.click('console-admit-all')
      await norway.see('room', 20_000)
      await france.see('room', 20_000)
      await chair.shows({ [NORWAY]: 'green', [FRANCE]: 'blue' })
    },
    'without the floor a delegation reaches nobody': async ({ chair, france }) => {
      await france.hears(tones(CHAIR))
      await chair.hears({})
    },
    'the briefer waits for the item': async ({ briefer }) => {
      await briefer.tryToJoin()
      await briefer.see('waiting')
      await briefer.reads(/Waiting for your item/)
      await picture(briefer, 'guest')
    },
    'a delegation asks for the floor, gets it, and is heard': async ({ chair, norway, france }) => {
      await clickOn(chair, '[data-testid=take-next]')
      await tab(norway, 'desk')
      await picture(norway, 'desk')
      await norway.click('ask-speak')
      await clickOn(chair, '[data-testid=speaker][data-seat=NOR] [data-testid=give]')
      await france.hears(tones(CHAIR, NORWAY))
      await tab(france, 'floor')
      await france.reads(/Norway/)
      await picture(chair, 'floor')
      await picture(france, 'floor')
    },
    'and loses it': async ({ chair, france }) => {
      await chair.click('floor-end')
      await france.hears(tones(CHAIR))
    },
    'an intervention in writing stands in the same list, and is read by all': async ({ chair, norway, france }) => {
      await norway.click('ask-writing')
      await write(norway, 'intervention-text', 'Norway has nothing to add to the agenda.')
      await norway.click('intervention-send')
      await clickOn(chair, '[data-testid=speaker][data-seat=NOR] [data-testid=give]')
      await france.reads(/nothing to add to the agenda/)
    },
    'the briefer comes with the item, speaks, and goes with it': async ({ chair, briefer, france }) => {
      await clickOn(chair, '[data-testid=take-next]')
      await briefer.see('room', 20_000)
      await chair.act(BRIEFER, 'floor-give')
      await france.hears(tones(CHAIR, BRIEFER))
      await picture(briefer, 'briefing')
      await tab(chair, 'desk')
      await clickOn(chair, '[data-testid=take-next]')
      await briefer.see('waiting')
      await france.hears(tones(CHAIR))
    },
    'options are weighed': async ({ chair, norway, france }) => {
      await norway.click('more')
      await norway.click('options')
      await picture(norway, 'options')
      await clickOn(norway, '[data-testid=option-card][data-option=C] [data-testid=own-position]')
      await clickOn(norway, '[data-testid=stance] input[value=object]')
      await write(norway, 'position-reason', 'Not without the consent of the country itself.')
      await write(norway, 'position-red-line', 'No force without an invitation by Ukraine.')
      await clickOn(norway, '[data-testid=visibility] input[value=all]')
      await picture(norway, 'position')
      await norway.click('position-submit')
      await france.click('options')
      await france.page.waitForSelector('[data-testid=cell][data-option=C][data-seat=NOR][data-stance=object]')
      await picture(france, 'options')
      await chair.click('options')
      await chair.page.waitForSelector('[data-testid=cell][data-option=C][data-seat=NOR][data-stance=object]')
      await picture(chair, 'options')
      await chair.click('register')
      await chair.reads(/absolutely unacceptable/)
      await picture(chair, 'register')
      for (const person of [norway, france, chair]) await person.page.keyboard.press('Escape')
    },
    'who was not asked is shown before silence is called, and is answered for': async ({ chair, norway }) => {
      await clickOn(chair, '[data-testid=take-next]')
      await tab(chair, 'decisions')
      await picture(chair, 'drafts')
      await clickOn(chair, '[data-testid=decision][data-decision=training] [data-testid=decision-call]')
      await write(chair, 'deadline-zone', 'UTC')
      const deadline = Date.now() + SILENCE_MS
      await write(chair, 'deadline-local', local(deadline))
      await picture(chair, 'silence')
      await chair.click('silence-submit')
      const warned = await acknowledge(chair, 'Ukraine hears of it today, by the secretary.')
      assert.deepEqual(kinds(warned, 'Ukraine'), ['not_consulted'])
      await tab(norway, 'desk')
      await norway.see('vote-card')
      await picture(norway, 'silence')
      await norway.click('vote-receipt')
      await norway.page.waitForSelector('[data-testid=own-vote][data-choice=receipt]')
    },
    'silence adopts it at the deadline': async ({ chair, norway, france }) => {
      await tab(france, 'decisions')
      await says(france, 'training', /Adopted by silence/, SILENCE_MS + 10_000)
      await tab(norway, 'decisions')
      await says(norway, 'training', /1 of 32 seats that take part had confirmed receipt/)
      await says(chair, 'training', /Ukraine hears of it today/)
      await picture(norway, 'adopted')
      await picture(chair, 'adopted')
    },
    'red lines are shown too, and a seat blocks consensus': async ({ chair, norway, france }) => {
      await clickOn(chair, '[data-testid=decision][data-decision=force] [data-testid=decision-call]')
      const warned = await acknowledge(chair, 'The Committee wants to know where it stands.')
      assert.deepEqual(kinds(warned, 'Russia'), ['not_consulted', 'red_line'])
      assert.deepEqual(kinds(warned, 'Norway'), ['red_line'])
      await tab(france, 'desk')
      await france.click('vote-join')
      await france.page.waitForSelector('[data-testid=own-vote][data-choice=join]')
      await tab(norway, 'desk')
      await norway.click('vote-block')
      await write(norway, 'vote-statement', 'There is no invitation.')
      await picture(norway, 'vote')
      await norway.click('vote-send')
      await norway.page.waitForSelector('[data-testid=own-vote][data-choice=block]')
      await says(chair, 'force', /There is no invitation/)
      await picture(chair, 'vote')
      await picture(france, 'vote')
    },
    'the chair declares the result, with its arithmetic': async ({ chair, norway, france }) => {
      await clickOn(chair, '[data-testid=decision][data-decision=force] [data-testid=decision-close]')
      await chair.click('confirm-yes')
      for (const person of [chair, norway, france]) {
        await tab(person, 'decisions')
        await says(person, 'force', /Not adopted by consensus: of 32 seats that take part, 1 joined; blocked by Norway/)
      }
      await picture(chair, 'blocked')
      await picture(norway, 'blocked')
    },
    'a server that was killed knows it all again': async ({ server, chair, france }) => {
      const killed = await server.kill()
      await killed.again()
      // Who is back before the chair waits for them, and is not in the room for that moment.
      await until('they are back', 30_000, async () => {
        const saw = await Promise.all([chair, france].map((p) => p.page.$$eval('[data-testid=room]', ([e]) => e?.dataset.link)))
        return { ok: saw.every((link) => link === 'online'), saw }
      })
      await tab(france, 'decisions')
      await says(france, 'force', /blocked by Norway/)
      await says(france, 'training', /Adopted by silence/)
      await france.hears(tones(CHAIR), 30_000)
    },
  },
)
