// How the room is seen: who has the floor large, one whom a person keeps large, a council's seats; and the
// keys, which can be others.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const SEATS = [
  { id: 'NOR', name: 'Norway', country: 'NO' },
  { id: 'FRA', name: 'France', country: 'FR' },
  { id: 'BEL', name: 'Belgium', country: 'BE' },
]

/** The names on the tiles and empty places, from the largest to the smallest, then as they are read. */
const order = (person) =>
  person.page.evaluate(() => {
    const name = (e) => e.querySelector('[data-testid=tile-name]')?.firstChild.textContent.trim() ?? `(${e.dataset.seat})`
    return [...document.querySelectorAll('[data-testid=tile], [data-testid=seat-place]')]
      .map((e) => ({ name: name(e), ...e.getBoundingClientRect().toJSON() }))
      .sort((a, b) => b.width - a.width || a.top - b.top || a.left - b.left)
      .map(({ name, width }) => ({ name, width }))
  })

/** Waits until somebody's tile is far larger than the others; undefined: until all are alike. */
const large = (person, name) =>
  until(`${person.name} sees ${name ?? 'nobody'} large`, 5_000, async () => {
    const saw = await order(person)
    const is = saw.length > 1 && saw[0].width > 1.5 * saw[1].width ? saw[0].name : undefined
    return { ok: is === name, saw }
  })

const choose = async (person, item) => {
  await person.click('more')
  await person.click(item)
}

const key = (person, name) => person.page.keyboard.press(name)

scene(
  'views',
  async (s) => {
    s.meeting = await s.server.meeting(
      [
        { name: 'Anna Chair', role: 'chair' },
        { name: 'Bjørn Dahl', role: 'delegate', seat: 'NOR' },
        { name: 'Claire Petit', role: 'delegate', seat: 'FRA' },
      ],
      { floor: 'chaired', seats: SEATS },
    )
    const { invitations } = s.meeting
    s.anna = await Person.chromium(invitations['Anna Chair'], 'red')
    s.bjorn = await Person.chromium(invitations['Bjørn Dahl'], 'green')
    s.claire = await Person.firefox(invitations['Claire Petit'])
    s.people = [s.anna, s.bjorn, s.claire]
  },
  {
    'all are alike while nobody has the floor': async ({ anna, bjorn, claire }) => {
      for (const person of [anna, bjorn, claire]) await person.join()
      await anna.shows({ 'Bjørn Dahl': 'green' })
      await large(claire, undefined)
    },
    'who is given it is large, but not for themselves': async ({ anna, bjorn, claire }) => {
      await anna.act('Bjørn Dahl', 'floor-give')
      for (const person of [anna, claire]) await large(person, 'Bjørn Dahl')
      await large(bjorn, undefined)
      await anna.shows({ 'Bjørn Dahl': 'green' })
    },
    'a person may see all alike': async ({ anna }) => {
      await choose(anna, 'view-people')
      await large(anna, undefined)
    },
    'or somebody else large, for as long as they want': async ({ anna }) => {
      await anna.page.evaluate(() => {
        const tile = [...document.querySelectorAll('[data-testid=tile]')].find((t) => t.innerText.includes('Claire'))
        tile.querySelector('[data-testid=tile-pin]').click()
      })
      await large(anna, 'Claire Petit')
      await anna.click('tile-pin')
      await large(anna, undefined)
    },
    'a council has a place for every seat, in its order or by name': async ({ anna }) => {
      await choose(anna, 'view-council')
      const names = async () => (await order(anna)).map(({ name }) => name)
      await until('a place for each', 5_000, async () => {
        const saw = await names()
        return { ok: String(saw) === 'Anna Chair,Bjørn Dahl,Claire Petit,(BEL)', saw }
      })
      await choose(anna, 'order-name')
      await until('by name', 5_000, async () => {
        const saw = await names()
        return { ok: String(saw) === 'Anna Chair,(BEL),Claire Petit,Bjørn Dahl', saw }
      })
    },
    'which is how it is seen after a reload': async ({ anna }) => {
      await anna.page.reload()
      await anna.enter()
      await anna.see('seat-place')
    },
    'a key goes on to the next view': async ({ anna }) => {
      await key(anna, 'l')
      await large(anna, 'Bjørn Dahl')
    },
    'and can be another key, or none': async ({ anna }) => {
      await choose(anna, 'shortcuts')
      await anna.see('key-layout') // it is loaded when it is opened
      await anna.page.focus('[data-testid=key-layout]')
      await key(anna, 'p')
      await anna.reads(/P did “People” until now/)
      await key(anna, 'Escape')
      await key(anna, 'p')
      await large(anna, undefined)
      await choose(anna, 'shortcuts')
      await anna.click('keys-on')
      await key(anna, 'Escape')
      await key(anna, 'p')
      await key(anna, 'p')
      await large(anna, undefined)
      assert.equal(await anna.page.$('[data-testid=people-panel]'), null)
    },
    'the space bar opens the microphone for as long as it is held': async ({ bjorn }) => {
      const mic = () => bjorn.page.$eval('[data-testid=mic]', (b) => b.getAttribute('aria-pressed'))
      await bjorn.click('mic')
      assert.equal(await mic(), 'false')
      await bjorn.reads(/You speak, but your microphone is off/, 15_000)
      await bjorn.page.evaluate(() => document.activeElement?.blur())
      await bjorn.page.keyboard.down('Space')
      await until('the microphone is on', 3_000, async () => ({ ok: (await mic()) === 'true', saw: await mic() }))
      await bjorn.page.keyboard.up('Space')
      await until('the microphone is off', 3_000, async () => ({ ok: (await mic()) === 'false', saw: await mic() }))
    },
    'a picture can stay over other windows': async ({ bjorn }) => {
      await bjorn.click('more')
      await bjorn.page.click('[data-testid=float]')
      await until('it does', 5_000, async () => {
        const saw = await bjorn.page.evaluate(() => document.pictureInPictureElement?.tagName)
        return { ok: saw === 'VIDEO', saw }
      })
      await choose(bjorn, 'float')
      await until('and comes back', 5_000, async () => {
        const saw = await bjorn.page.evaluate(() => document.pictureInPictureElement?.tagName)
        return { ok: saw === undefined, saw }
      })
    },
  },
)
