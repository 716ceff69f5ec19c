// Firefox and Chromium in one meeting, and a minute in which no picture may stand still.
import assert from 'node:assert/strict'
import { FIREFOX_HZ } from './browsers.mjs'
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { soak } from './soak.mjs'
import { until } from './until.mjs'

scene(
  'firefox joins chromium',
  async (s) => {
    s.meeting = await s.server.meeting([
      { name: 'Red', role: 'delegate', seat: 'NOR' },
      { name: 'Blue', role: 'delegate', seat: 'FRA' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
    ])
    const { invitations } = s.meeting
    s.red = await Person.chromium(invitations.Red, 'red')
    s.blue = await Person.chromium(invitations.Blue, 'blue')
    s.fox = await Person.firefox(invitations.Fox)
    s.people = [s.red, s.blue, s.fox]
  },
  {
    'all come in': async ({ people }) => {
      for (const person of people) await person.join()
    },
    'firefox sees both': async ({ fox }) => fox.shows({ Red: 'red', Blue: 'blue' }, 30_000),
    'both see what firefox shows of itself': async ({ red, blue, fox }) => {
      // Firefox's fake camera goes slowly through all colours: the same one is here and there.
      for (const person of [red, blue])
        await until(`${person.name} sees Fox's picture`, 20_000, async () => {
          const [there, here] = await Promise.all([person.tile('Fox'), fox.tile('Fox')])
          const distance = there?.rgb && here?.rgb && Math.max(...there.rgb.map((v, i) => Math.abs(v - here.rgb[i])))
          return { ok: distance <= 60, saw: { there, here } }
        })
    },
    'chromium hears firefox and the other': async ({ red, blue }) => {
      await red.hears({ Blue: CAST.blue.hz, Fox: FIREFOX_HZ })
      await blue.hears({ Red: CAST.red.hz, Fox: FIREFOX_HZ })
    },
    'firefox receives sound': async ({ fox }) => {
      const before = await fox.energy()
      await until('sound energy grows in Firefox', 10_000, async () => {
        const saw = (await fox.energy()) - before
        return { ok: saw > 0.005, saw }
      })
    },
    'a minute without a frozen picture': async ({ people }) => {
      assert.deepEqual(await soak(people, 60), [])
    },
  },
)
