// What a newcomer sees of the council: the demo with a few simulated delegations, and the chair's browser.
// Their pictures move, who gets the floor is heard, and they vote when a decision is called.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { heard, tiles } from './probe.mjs'
import { scene } from './scene.mjs'
import { startDemo } from './server.mjs'
import { until } from './until.mjs'

const CHAIR = 'Solveig Lindqvist'
const COUNCIL = ['Arben Hoxhaj', 'Lien Claesens', 'Dimitar Kolevski', 'Marguerite Ouellard', 'Ivana Barišek']
const MOVES_FRAMES = 20
const SEE_MS = 30_000

/** The chair's tiles of the simulated delegations. */
async function council(chair) {
  const all = await chair.page.evaluate(tiles)
  return all.filter((tile) => COUNCIL.includes(tile.name))
}

/** Waits until the card of a decision says so. */
async function says(chair, decision, pattern) {
  await until(`the page says ${pattern} of ${decision}`, SEE_MS, async () => {
    const saw = await chair.page.$eval(`[data-testid=decision][data-decision=${decision}]`, (card) => card.innerText)
    return { ok: pattern.test(saw), saw }
  })
}

async function clickOn(chair, selector) {
  const element = await chair.page.waitForSelector(selector, { visible: true })
  await element.evaluate((e) => e.click())
  await element.dispose()
}

scene(
  'the council',
  async (s) => {
    const printed = s.server.log.slice(s.server.log.indexOf('Not encrypted'))
    const [, url] = new RegExp(`${CHAIR}: +(\\S+)`).exec(printed)
    s.chair = await Person.chromium({ name: CHAIR, url }, 'red')
    s.people = [s.chair]
    await s.chair.page.setViewport({ width: 1440, height: 900 })
  },
  {
    'the chair comes in, and sees a picture of every delegation': async ({ chair }) => {
      await chair.join()
      await until('all have pictures', SEE_MS, async () => {
        const saw = await council(chair)
        return { ok: saw.length === COUNCIL.length && saw.every((tile) => tile.rgb), saw }
      })
    },
    'each with its own flag': async ({ chair }) => {
      const seen = new Map((await council(chair)).map(({ name, rgb }) => [name, rgb]))
      const [albania, belgium] = COUNCIL.map((name) => seen.get(name))
      assert.ok(albania[0] > 2 * albania[1] && albania[0] > 2 * albania[2], `Albania's is red: ${albania}`)
      assert.ok(belgium[0] > 2 * belgium[2] && belgium[1] > 1.5 * belgium[2], `Belgium's is yellow in the middle: ${belgium}`)
    },
    'which all move': async ({ chair }) => {
      const before = new Map((await council(chair)).map(({ name, frames }) => [name, frames]))
      await until(`${MOVES_FRAMES} more frames of each`, SEE_MS, async () => {
        const saw = await council(chair)
        return { ok: saw.length === COUNCIL.length && saw.every(({ name, frames }) => frames >= before.get(name) + MOVES_FRAMES), saw }
      })
    },
    'who gets the floor is heard': async ({ chair }) => {
      await chair.act(COUNCIL[1], 'floor-give')
      await until(`${COUNCIL[1]} is heard`, SEE_MS, async () => {
        const saw = await chair.page.evaluate(heard)
        return { ok: saw.some(({ name }) => name === COUNCIL[1]), saw }
      })
    },
    'they vote when a decision is called, and the votes are counted': async ({ chair }) => {
      await chair.click('meeting')
      await chair.click('tab-decisions')
      await clickOn(chair, '[data-testid=decision][data-decision=report] [data-testid=decision-call]')
      await says(chair, 'report', /Not voted:\s*27/)
      await clickOn(chair, '[data-testid=decision][data-decision=report] [data-testid=decision-close]')
      await chair.click('confirm-yes')
      await says(chair, 'report', /Adopted|Not adopted/)
    },
  },
  () => startDemo('--seats', String(COUNCIL.length)),
)
