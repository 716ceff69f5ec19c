// A shared screen: its picture and its sound at the others, in step, and under the chair's hand.
import assert from 'node:assert/strict'
import { CAST, SCREEN } from './fakes.mjs'
import { Person } from './person.mjs'
import { heard, streams } from './probe.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const TOLERANCE_HZ = 60

/** Waits until exactly these tones are heard, whoever's they are. */
async function hears(person, tones, ms = 15_000) {
  await until(`${person.name} hears ${tones}`, ms, async () => {
    const saw = (await person.page.evaluate(heard)).map(({ hz }) => hz).sort((a, b) => a - b)
    return { ok: saw.length === tones.length && saw.every((hz, i) => Math.abs(hz - tones[i]) < TOLERANCE_HZ), saw }
  })
}

const sender = (person) =>
  person.page.evaluate(() => {
    const { track, ...sender } = [...window.__parley.pc.getSenders()]
      .filter((s) => s.track?.kind === 'video' && s.track.contentHint !== '')
      .map((s) => ({ track: s.track, preference: s.getParameters().degradationPreference }))[0]
    return { hint: track.contentHint, ...sender }
  })

scene(
  'a shared screen',
  async (s) => {
    s.meeting = await s.server.meeting([
      { name: 'Anna Chair', role: 'chair' },
      { name: 'Bjørn Dahl', role: 'delegate', seat: 'NOR' },
    ])
    s.anna = await Person.chromium(s.meeting.invitations['Anna Chair'], 'red')
    s.bjorn = await Person.chromium(s.meeting.invitations['Bjørn Dahl'], 'green')
    s.people = [s.anna, s.bjorn]
  },
  {
    'comes with its sound': async ({ anna, bjorn }) => {
      await anna.join()
      await bjorn.join()
      await hears(anna, [CAST.green.hz])
      await bjorn.click('screen')
      await anna.seesScreen(true)
      await hears(anna, [CAST.green.hz, SCREEN.hz])
    },
    'is not heard by its owner, nor was it asked for with what the page plays': async ({ bjorn }) => {
      await hears(bjorn, [CAST.red.hz])
      assert.equal(await bjorn.page.evaluate(() => window.shared.audio.restrictOwnAudio), true)
    },
    'has one stream with its sound, and the faces another': async ({ anna }) => {
      const [screen, sound, camera, microphone] = await anna.page.evaluate(streams, 'screen', 'screen_sound', 'camera', 'microphone')
      assert.ok(screen && camera)
      assert.equal(screen, sound)
      assert.equal(camera, microphone)
      assert.notEqual(screen, camera)
    },
    'keeps its letters, or its motion if its owner says so': async ({ bjorn }) => {
      assert.deepEqual(await sender(bjorn), { hint: 'detail', preference: 'maintain-resolution' })
      await bjorn.click('screen-motion')
      await until('the sender is told', 3_000, async () => {
        const saw = await sender(bjorn)
        return { ok: saw.hint === 'motion' && saw.preference === 'maintain-framerate', saw }
      })
      await bjorn.click('screen-text')
    },
    'falls silent with its owner when the chair mutes, and stays to be seen': async ({ anna, bjorn }) => {
      await anna.mute('Bjørn Dahl')
      await hears(anna, [])
      await anna.seesScreen(true)
      await bjorn.click('mic')
      await hears(anna, [CAST.green.hz])
    },
    'goes when it is no longer shared, and comes again with its sound': async ({ anna, bjorn }) => {
      await bjorn.click('screen-stop')
      await anna.seesScreen(false)
      await bjorn.click('screen')
      await anna.seesScreen(true)
      await hears(anna, [CAST.green.hz, SCREEN.hz])
    },
  },
)
