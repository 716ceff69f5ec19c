// Lip sync: sound and picture of one person come out of the other's browser together.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const IN_STEP_MS = 100
const SAMPLES = 10
const SETTLED_MS = 60_000 // browsers move slowly, by delaying the sound

/** In the page: by how many milliseconds the sound of the stage is played later than its picture, by
 * the sender's clock, as the browser has it from our sender reports; undefined: it cannot tell. */
async function apart() {
  const { pc } = window.__parley
  const first = (kind) =>
    pc.getTransceivers().find((t) => t.direction === 'recvonly' && t.receiver.track.kind === kind)?.mid
  const mids = [first('audio'), first('video')]
  const times = []
  ;(await pc.getStats()).forEach((s) => {
    if (s.type === 'inbound-rtp' && mids.includes(s.mid)) times[mids.indexOf(s.mid)] = s.estimatedPlayoutTimestamp
  })
  return times[0] && times[1] ? times[1] - times[0] : undefined
}

/** Waits until the middle one of some samples, a second apart, is within bounds. */
async function plays(person, title) {
  const samples = []
  let middle
  await until(`${person.name} has ${title} in step`, SETTLED_MS, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const ms = await person.page.evaluate(apart)
    if (ms === undefined) return { ok: false, saw: 'no times' }
    samples.push(ms)
    middle = samples.slice(-SAMPLES).map(Math.abs).sort((a, b) => a - b)[SAMPLES / 2]
    return { ok: samples.length >= SAMPLES && middle < IN_STEP_MS, saw: samples.map(Math.round).join(' ') }
  })
  console.log(`# ${title}: apart by ${Math.round(middle)} ms, of ${samples.map(Math.round).join(' ')}`)
  assert.ok(middle < IN_STEP_MS)
}

scene(
  'lip sync',
  async (s) => {
    s.meeting = await s.server.meeting([
      { name: 'Chair', role: 'chair' },
      { name: 'Red', role: 'delegate', seat: 'NOR' },
    ], { floor: 'chaired' })
    s.chair = await Person.chromium(s.meeting.invitations.Chair, 'green')
    s.red = await Person.chromium(s.meeting.invitations.Red, 'red')
    s.people = [s.chair, s.red]
  },
  {
    'both come in': async ({ chair, red }) => {
      await chair.join()
      await red.join()
      await red.shows({ Chair: 'green' })
    },
    'sound and picture of who presides are in step': ({ red }) => plays(red, 'the chair'),
    'and of who gets the floor': async ({ chair, red }) => {
      await chair.act('Red', 'floor-give')
      await plays(chair, 'the delegate')
    },
  },
)
