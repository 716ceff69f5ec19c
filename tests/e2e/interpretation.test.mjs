// Interpretation, told by the tones: who hears the booth, how loud the original stays beside it, and
// what hand-over, cough button and relay do.
import assert from 'node:assert/strict'
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const ANNA = { 'Anna Chair': CAST.red.hz }
const IDA = { 'Ida Interpreter': CAST.blue.hz }
const JEAN = { 'Jean Interpreter': CAST.green.hz }

const at = (loudness, ...people) => Object.fromEntries(people.flatMap(Object.keys).map((name) => [name, loudness]))

scene(
  'interpretation',
  async (s) => {
    s.meeting = await s.server.meeting(
      [
        { name: 'Anna Chair', role: 'chair' },
        { name: 'Bjørn Dahl', role: 'delegate', seat: 'NOR' },
        { name: 'Ida Interpreter', role: 'interpreter', language: 'FR' },
        { name: 'Jean Interpreter', role: 'interpreter', language: 'FR' },
        { name: 'Eva Interpreter', role: 'interpreter', language: 'EN' },
        { name: 'Fred Observer', role: 'observer' },
      ],
      { floor: 'chaired', languages: ['EN', 'FR'] },
    )
    const { invitations } = s.meeting
    s.anna = await Person.chromium(invitations['Anna Chair'], 'red')
    s.ida = await Person.chromium(invitations['Ida Interpreter'], 'blue')
    s.jean = await Person.chromium(invitations['Jean Interpreter'], 'green')
    s.bjorn = await Person.chromium(invitations['Bjørn Dahl'])
    s.eva = await Person.chromium(invitations['Eva Interpreter'])
    s.people = [s.anna, s.ida, s.jean, s.bjorn, s.eva]
    for (const person of s.people) await person.join()
  },
  {
    'where nobody interprets one hears the floor, as loud as ever': async ({ bjorn, jean }) => {
      await bjorn.listen('FR')
      await bjorn.see('interpretation-idle')
      await bjorn.hears(ANNA)
      await bjorn.plays(at(1, ANNA))
      await jean.hears(ANNA) // the booths hear the floor, each other they do not
    },
    'the booth is heard in its channel, the original softly beside it': async ({ bjorn, ida }) => {
      await ida.click('booth-mic')
      await ida.reads(/On air/)
      await bjorn.hears({ ...ANNA, ...IDA })
      await bjorn.plays({ ...at(0.2, ANNA), ...at(1, IDA) })
    },
    'and nowhere else': async ({ anna, eva, ida }) => {
      await eva.hears(ANNA)
      await ida.hears(ANNA) // nor by itself
      await anna.hears({})
      const speaking = (await anna.tiles()).filter((tile) => tile.speaking)
      assert.deepEqual(speaking.map((tile) => tile.name), ['Anna Chair'])
    },
    'how loud the original stays is the listener’s choice, and remembered': async ({ bjorn }) => {
      await bjorn.original(50)
      await bjorn.plays({ ...at(0.5, ANNA), ...at(1, IDA) })
      await bjorn.leave()
      await bjorn.page.goto('about:blank')
      await bjorn.join()
      await bjorn.hears({ ...ANNA, ...IDA })
      await bjorn.plays({ ...at(0.5, ANNA), ...at(1, IDA) })
    },
    'the boothmate is asked, takes over, and is heard instead': async ({ bjorn, ida, jean }) => {
      await ida.click('booth-offer')
      await jean.reads(/Ida Interpreter asks you to take over/)
      await jean.click('booth-mic')
      await ida.reads(/Jean Interpreter is on air/)
      await bjorn.hears({ ...ANNA, ...JEAN })
      await bjorn.plays({ ...at(0.5, ANNA), ...at(1, JEAN) })
    },
    'the cough button silences as long as it is held': async ({ bjorn, jean }) => {
      const release = await jean.hold('cough')
      await bjorn.hears(ANNA)
      await release()
      await bjorn.hears({ ...ANNA, ...JEAN })
      await jean.page.keyboard.down('k')
      await bjorn.hears(ANNA)
      await jean.page.keyboard.up('k')
      await bjorn.hears({ ...ANNA, ...JEAN })
    },
    'another booth takes the channel in relay': async ({ eva }) => {
      await eva.relay('FR')
      await eva.hears({ ...ANNA, ...JEAN })
      await eva.relay()
      await eva.hears(ANNA)
    },
    'whoever goes back to the floor hears it alone, and full': async ({ bjorn }) => {
      await bjorn.listen()
      await bjorn.hears(ANNA)
      await bjorn.plays(at(1, ANNA))
    },
    'in Firefox, too': async (s) => {
      await s.eva.close()
      s.fred = await Person.firefox(s.meeting.invitations['Fred Observer'])
      s.people.push(s.fred)
      await s.fred.join()
      await s.fred.plays(at(1, ANNA))
      await s.fred.listen('FR')
      await s.fred.plays({ ...at(0.2, ANNA), ...at(1, JEAN) })
      const before = await s.fred.energy()
      await until('Fred hears something', 10_000, async () => {
        const saw = (await s.fred.energy()) - before
        return { ok: saw > 0, saw }
      })
    },
    'without an interpreter the floor comes back, as loud as ever': async ({ bjorn, fred, jean }) => {
      await bjorn.listen('FR')
      await bjorn.plays({ ...at(0.5, ANNA), ...at(1, JEAN) })
      await jean.click('booth-mic')
      for (const listener of [bjorn, fred]) await listener.plays(at(1, ANNA))
      await bjorn.see('interpretation-idle')
      await bjorn.hears(ANNA)
    },
  },
)
