// An encrypted meeting of Chromium, at the far end of a line that loses packets, and Firefox and another Chromium
// at the near one: everything that comes is shown, as sizes and sources change. In every codec: bench/sealed. Runs
// in a network namespace of its own, as badnet does.
import assert from 'node:assert/strict'
import { Line, prepare, SERVER, stopLines } from '../../bench/line.mjs'
import { Meeting, moves, sizes, sources, steady, views } from '../../bench/lossy.mjs'
import { frames } from './between.mjs'
import { FIREFOX_HZ } from './browsers.mjs'
import { CAST } from './fakes.mjs'
import { scene } from './scene.mjs'
import { startServer } from './server.mjs'

const LOSS = 3 // percent, each way
const STEADY_MS = 5_000
const SWITCHES = 3
/** Longer than a frame waits in the worker for the word that it is to be shown. */
const WORD_MS = 1_000
/** So long frames of who was in a slot before are expected there (LATE_MS of e2ee/streams.ts), and more. */
const BEFORE_MS = 1_200

prepare()
scene(
  'loss',
  async (s) => {
    s.members.push({ end: stopLines })
    s.meeting = new Meeting(s.server)
    const line = await Line.start(1)
    line.asDefault()
    await s.meeting.begin(line, LOSS)
    s.people = [s.meeting.red, s.meeting.fox, s.meeting.blue]
  },
  {
    'they see and hear each other': async ({ meeting: { red, fox } }) => {
      await Promise.all([red.join(), fox.join()])
      await fox.shows({ Red: 'orange' }, 30_000)
      await red.receives({ Fox: 'VP8' }, (f) => f.frames > 0)
      await red.hears({ Fox: FIREFOX_HZ, Blue: CAST.blue.hz })
    },
    'every frame that comes is shown': async ({ meeting }) => {
      const all = await Promise.all([meeting.red, meeting.fox].map((person) => steady(meeting, person, STEADY_MS)))
      for (const got of all) {
        assert.ok(got.came > STEADY_MS / 20, JSON.stringify(got)) // two sounds are 100 frames a second
        assert.ok(got.not_shown <= got.changed, JSON.stringify(got)) // no slot changes, but where a line is lost
      }
    },
    'pictures go on in other sizes': async ({ meeting }) => {
      await sizes(meeting, meeting.red, 'Fox', 'VP8', 2)
      await sizes(meeting, meeting.fox, 'Red', 'VP8', 2)
    },
    'where a slot goes to another, one frame is lost at most': async ({ meeting }) => {
      for (const [viewer, names] of [[meeting.red, ['Fox', 'Blue']], [meeting.fox, ['Red', 'Blue']]]) {
        const got = await sources(meeting, viewer, names, SWITCHES)
        assert.ok(got.pictured >= SWITCHES, JSON.stringify(got))
        assert.ok(got.pictures_lost <= got.pictured, JSON.stringify(got))
      }
    },
    'a key frame whose word came too late is asked for anew': async ({ meeting }) => {
      const { red, between } = meeting
      const view = views(meeting, red, ['Fox', 'Blue'])
      view(180, 0)
      await moves(red, 'Fox')
      await new Promise((resolve) => setTimeout(resolve, BEFORE_MS)) // or Blue's are taken for those of before
      const counting = frames(red, 'as they are', { ms: 2 * WORD_MS })
      between.tap = (name, m) => {
        if (name !== red.name || m.type !== 'slots') return [m]
        setTimeout(() => between.say(name, m), WORD_MS)
        return []
      }
      view(180, 1)
      const { dropped, keysAsked } = await counting
      between.tap = (_name, m) => [m]
      assert.ok(dropped.sender > 0 && keysAsked > 0, JSON.stringify({ dropped, keysAsked }))
      await moves(red, 'Blue')
      await red.shows({ Blue: 'blue' })
    },
  },
  () => startServer('--public-address', SERVER),
)
