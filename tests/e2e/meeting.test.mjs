// Three browsers in one meeting: everybody's picture and sound at everybody else's, and what a
// participant and the chair can do about it.
import assert from 'node:assert/strict'
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'

const ANNA = { 'Anna Chair': CAST.red.hz }
const BJORN = { 'Bjørn Dahl': CAST.green.hz }
const CLAIRE = { 'Claire Petit': CAST.blue.hz }

scene(
  'three browsers',
  async (s) => {
    s.meeting = await s.server.meeting([
      { name: 'Anna Chair', role: 'chair' },
      { name: 'Bjørn Dahl', role: 'delegate', seat: 'NOR' },
      { name: 'Claire Petit', role: 'delegate', seat: 'FRA' },
    ])
    const { invitations } = s.meeting
    const [anna, bjorn, claire] = await Promise.all([
      Person.chromium(invitations['Anna Chair'], 'red'),
      Person.chromium(invitations['Bjørn Dahl'], 'green'),
      Person.chromium(invitations['Claire Petit'], 'blue'),
    ])
    Object.assign(s, { anna, bjorn, claire, people: [anna, bjorn, claire] })
  },
  {
    'the join page tells the meeting, the delegation and the role': async ({ bjorn }) => {
      await bjorn.open()
      await bjorn.reads(/Test meeting/)
      await bjorn.reads(/Norway/)
    },
    'all come in': async ({ anna, bjorn, claire }) => {
      await anna.join()
      await bjorn.enter()
      await claire.join()
    },
    'the right picture is in the right tile': async ({ people }) => {
      const all = { 'Anna Chair': 'red', 'Bjørn Dahl': 'green', 'Claire Petit': 'blue' }
      for (const person of people) await person.shows(all)
    },
    'everybody hears the two others, and not themselves': async ({ anna, bjorn, claire }) => {
      await anna.hears({ ...BJORN, ...CLAIRE })
      await bjorn.hears({ ...ANNA, ...CLAIRE })
      await claire.hears({ ...ANNA, ...BJORN })
    },
    'a muted microphone is silent': async ({ anna, bjorn, claire }) => {
      await bjorn.click('mic')
      await anna.hears(CLAIRE)
      await claire.hears(ANNA)
    },
    'and is heard again': async ({ anna, bjorn, claire }) => {
      await bjorn.click('mic')
      await anna.hears({ ...BJORN, ...CLAIRE })
      await claire.hears({ ...ANNA, ...BJORN })
    },
    'a camera that is off shows no picture': async ({ anna, claire }) => {
      await claire.click('camera')
      await anna.shows({ 'Claire Petit': null, 'Bjørn Dahl': 'green' })
    },
    'and shows again': async ({ anna, bjorn, claire }) => {
      await claire.click('camera')
      await anna.shows({ 'Claire Petit': 'blue', 'Bjørn Dahl': 'green' })
      await bjorn.shows({ 'Claire Petit': 'blue', 'Anna Chair': 'red' })
    },
    'a text reaches everybody': async ({ anna, bjorn, claire, people }) => {
      for (const person of people) await person.panel('chat')
      await bjorn.say('Norway asks for the floor.')
      for (const person of people) await person.reads(/Norway asks for the floor\./)
      assert.ok((await anna.text()).includes('Bjørn Dahl') && (await claire.text()).includes('Bjørn Dahl'))
    },
    'somebody leaves': async ({ anna, bjorn, claire }) => {
      await claire.leave()
      await anna.misses('Claire Petit')
      await bjorn.misses('Claire Petit')
      await anna.hears(BJORN)
    },
    'and returns': async ({ anna, bjorn, claire }) => {
      await claire.page.goto('about:blank')
      await claire.join()
      await anna.shows({ 'Claire Petit': 'blue', 'Bjørn Dahl': 'green' })
      await bjorn.shows({ 'Claire Petit': 'blue', 'Anna Chair': 'red' })
      await claire.shows({ 'Anna Chair': 'red', 'Bjørn Dahl': 'green' })
      await anna.hears({ ...BJORN, ...CLAIRE })
      await claire.hears({ ...ANNA, ...BJORN })
    },
    'the chair mutes': async ({ anna, bjorn, claire }) => {
      await anna.mute('Bjørn Dahl')
      await anna.hears(CLAIRE)
      await claire.hears(ANNA)
      await bjorn.hears({ ...ANNA, ...CLAIRE })
    },
    'and the muted one may speak again': async ({ anna, bjorn }) => {
      await bjorn.click('mic')
      await anna.hears({ ...BJORN, ...CLAIRE })
    },
    'a delegate has no such power': async ({ bjorn }) => {
      assert.equal(await bjorn.presides(), false)
    },
    'the chair removes': async ({ anna, bjorn, claire }) => {
      await anna.remove('Claire Petit')
      await claire.reads(/You were removed from the meeting/)
      await anna.misses('Claire Petit')
      await bjorn.misses('Claire Petit')
      await anna.hears(BJORN)
    },
    'and the removed one does not come back': async ({ anna, claire }) => {
      await claire.page.goto('about:blank')
      await claire.tryToJoin()
      await claire.reads(/You were removed from the meeting/)
      assert.equal(await anna.tile('Claire Petit'), undefined)
    },
  },
)
