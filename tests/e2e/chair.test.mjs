// What only a chair can do: let people in, and give the floor, without which nobody is heard.
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'

const ANNA = { 'Anna Chair': CAST.red.hz }
const BJORN = { 'Bjørn Dahl': CAST.green.hz }

scene(
  'lobby and floor',
  async (s) => {
    s.meeting = await s.server.meeting(
      [
        { name: 'Anna Chair', role: 'chair' },
        { name: 'Bjørn Dahl', role: 'delegate', seat: 'NOR' },
        { name: 'Claire Petit', role: 'delegate', seat: 'FRA' },
      ],
      { floor: 'chaired', lobby: true },
    )
    const { invitations } = s.meeting
    s.anna = await Person.chromium(invitations['Anna Chair'], 'red')
    s.bjorn = await Person.chromium(invitations['Bjørn Dahl'], 'green')
    s.claire = await Person.chromium(invitations['Claire Petit'], 'blue')
    s.people = [s.anna, s.bjorn, s.claire]
  },
  {
    'before the chair comes, one waits': async ({ bjorn }) => {
      await bjorn.tryToJoin()
      await bjorn.see('waiting')
    },
    'then in the lobby': async ({ anna, bjorn }) => {
      await anna.join()
      await bjorn.reads(/Asking to join/)
    },
    'the chair admits': async ({ anna, bjorn }) => {
      await anna.panel('people')
      await anna.click('admit')
      await bjorn.see('room', 20_000)
      await anna.shows({ 'Bjørn Dahl': 'green' })
    },
    'or denies': async ({ anna, claire }) => {
      await claire.tryToJoin()
      await anna.click('deny')
      await claire.reads(/You were not admitted/)
    },
    'without the floor nobody hears you, but the chair is heard': async ({ anna, bjorn }) => {
      await bjorn.hears(ANNA)
      await anna.hears({})
    },
    'one asks for the floor': async ({ anna, bjorn }) => {
      await bjorn.click('hand')
      await anna.click('tab-floor')
      await anna.reads(/Speakers' list \(1\)/)
    },
    'gets it, and is heard': async ({ anna, bjorn }) => {
      await anna.act('Bjørn Dahl', 'floor-give')
      await anna.hears(BJORN)
      await bjorn.reads(/You have the floor/)
    },
    'and loses it': async ({ anna }) => {
      await anna.act('Bjørn Dahl', 'floor-take')
      await anna.hears({})
    },
  },
)
