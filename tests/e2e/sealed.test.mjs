// Sealed picture and sound through Parley, between Chromium and Firefox in both directions, in every
// codec: everything that is sent can be opened, and is right; without the key there is nothing.
import assert from 'node:assert/strict'
import { FIREFOX_HZ } from './browsers.mjs'
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { seal } from './sealed.mjs'
import { until } from './until.mjs'

const KEY = 7
const LEAVES = { Red: 0, Fox: 1, Eve: 255 }
/** Frames that each of the two opens in each codec before it is judged. */
const FRAMES = 300

// Of its camera Firefox sends three layers, the larger ones of 180 and 360 lines.
const LARGE = { width: 1280, height: 800, deviceScaleFactor: 2 }
const SMALL = { width: 420, height: 420 }

/** Files that an encrypted meeting alone needs. */
const SEALING = /\/assets\/(sealing|worker|protection|EncryptionPanel)\b[^/]*\.js$/

const failures = ({ dropped }) => dropped.forged + dropped.replayed + dropped.malformed + dropped.codec

/** The two see and hear each other, both cameras in this codec; every frame could be opened. */
async function bothWays({ red, fox }, codec) {
  // Here a page that is loaded anew has its counters anew, under the same key: nobody is to have seen both.
  await fox.page.goto('about:blank')
  await red.rejoin(codec.toLowerCase())
  await fox.rejoin(codec.toLowerCase())
  await fox.shows({ Red: 'red' })
  await red.receives({ Fox: codec })
  await fox.receives({ Red: codec })
  await until("Red sees Fox's own colour", 20_000, async () => {
    // Firefox's fake camera goes slowly through all colours: the same one is here and there.
    const [there, here] = await Promise.all([red.tile('Fox'), fox.tile('Fox')])
    const distance = there?.rgb && here?.rgb && Math.max(...there.rgb.map((v, i) => Math.abs(v - here.rgb[i])))
    return { ok: distance <= 60, saw: { there, here } }
  })
  await red.hears({ Fox: FIREFOX_HZ })
  const before = await fox.energy()
  await until('sound energy grows in Firefox', 10_000, async () => {
    const saw = (await fox.energy()) - before
    return { ok: saw > 0.005, saw }
  })
  for (const person of [red, fox]) {
    await until(`${person.name} opens ${FRAMES} frames`, 30_000, async () => {
      const saw = await person.sealed()
      return { ok: saw.opened >= FRAMES && saw.sealed >= FRAMES, saw }
    })
    const { told, ...counts } = await person.sealed()
    const each = (ms, n) => `${(ms / n).toFixed(2)} ms a frame`
    console.log(
      `# ${codec}, ${person.name}: ${counts.sealed} sealed, ${each(counts.sealMs, counts.sealed)};`,
      `${counts.opened} opened, ${each(counts.openMs, counts.opened)}`,
    )
    assert.equal(failures(counts), 0, JSON.stringify({ counts, told }))
    assert.deepEqual(told.filter(([what]) => what !== 'shows'), [])
    const other = LEAVES[person === red ? 'Fox' : 'Red']
    assert.deepEqual([...new Set(told.map(([, , leaf]) => leaf))], [other])
  }
}

/** What the person decodes and hears of others, in so many milliseconds from now. */
async function takenIn(person, ms) {
  const sums = async () => {
    const video = (await person.flows()).filter((f) => f.received && f.kind === 'video')
    const sum = (what) => video.reduce((n, f) => n + (f[what] ?? 0), 0)
    return { packets: sum('packets'), frames: sum('frames'), energy: await person.energy() }
  }
  await until(`${person.name} is sent pictures`, 20_000, async () => {
    const saw = await sums()
    return { ok: saw.packets > 0, saw }
  })
  const before = await sums()
  await new Promise((resolve) => setTimeout(resolve, ms))
  const after = await sums()
  return Object.fromEntries(Object.keys(after).map((key) => [key, after[key] - before[key]]))
}

/** What was sent to the person of another's picture and sound. */
async function packetsOf(person, name) {
  const flows = (await person.flows()).filter((f) => f.received && f.name === name)
  return flows.reduce((n, f) => n + f.packets, 0)
}

const loaded = (person) => person.page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))

scene(
  'sealed',
  async (s) => {
    s.meeting = await s.server.meeting([
      { name: 'Red', role: 'delegate', seat: 'NOR' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
      { name: 'Eve', role: 'observer' },
    ])
    const { invitations } = s.meeting
    s.red = await seal(await Person.chromium(invitations.Red, 'red'), { base: KEY, leaves: LEAVES })
    s.fox = await seal(await Person.firefox(invitations.Fox), { base: KEY, leaves: LEAVES })
    s.people = [s.red, s.fox]
  },
  {
    'VP8, both ways': (s) => bothWays(s, 'VP8'),
    'VP9, both ways': (s) => bothWays(s, 'VP9'),
    'AV1, both ways': (s) => bothWays(s, 'AV1'),
    'a new epoch, and no picture stands still': async ({ red, fox }) => {
      const before = [await red.sealed(), await fox.sealed()]
      await Promise.all([red.turn(2, KEY + 1), fox.turn(2, KEY + 1)])
      await until('old keys are gone, and frames come', 15_000, async () => {
        const saw = [await red.sealed(), await fox.sealed()]
        return { ok: saw.every((counts, i) => counts.opened > before[i].opened + FRAMES), saw }
      })
      for (const person of [red, fox]) {
        const counts = await person.sealed()
        assert.equal(failures(counts) + counts.dropped.epoch, 0, JSON.stringify(counts))
      }
      await fox.shows({ Red: 'red' })
      await red.hears({ Fox: FIREFOX_HZ })
    },
    'who has the key sees and hears': async (s) => {
      s.eve = await seal(await Person.chromium(s.meeting.invitations.Eve), { base: KEY + 1, leaves: LEAVES })
      s.people.push(s.eve)
      for (const person of [s.red, s.fox]) {
        await person.rejoin('vp8')
        await person.turn(3, KEY + 2)
      }
      await s.eve.open()
      await s.eve.turn(3, KEY + 2)
      await s.eve.enter()
      await s.eve.shows({ Red: 'red' })
      await s.eve.hears({ Red: CAST.red.hz, Fox: FIREFOX_HZ })
    },
    'sizes of a camera share a counter, and follow the tile': async ({ eve }) => {
      for (const [viewport, height] of [[LARGE, 360], [SMALL, 180], [LARGE, 360], [SMALL, 180]]) {
        await eve.page.setViewport(viewport)
        await eve.receives({ Fox: 'VP8' }, (f) => f.height === height)
        await eve.shows({ Red: 'red' })
      }
      const counts = await eve.sealed()
      assert.equal(failures(counts), 0, JSON.stringify(counts))
    },
    'who has another key does not': async ({ eve }) => {
      await eve.page.goto('about:blank')
      await eve.open()
      await eve.turn(3, KEY + 3) // of the right epoch
      await eve.enter()
      const taken = await takenIn(eve, 5_000)
      assert.equal(taken.frames, 0, JSON.stringify(taken))
      assert.ok(taken.energy < 1e-6, JSON.stringify(taken))
      const counts = await eve.sealed()
      assert.equal(counts.opened, 0)
      assert.ok(counts.dropped.forged > 0, JSON.stringify(counts))
      await eve.shows({ Red: null })
    },
    'nor who takes frames as they come': async ({ eve }) => {
      await eve.unseal()
      await eve.page.goto('about:blank')
      await eve.join()
      await takenIn(eve, 5_000)
      const { rgb } = await eve.tile('Red') // a decoder may make something of it
      if (rgb) assert.ok(CAST.red.rgb.some((value, i) => Math.abs(value - rgb[i]) > 60), `${rgb}`)
    },
    'a meeting that is not encrypted loads nothing of it': async ({ red, eve }) => {
      assert.ok((await loaded(red)).some((name) => SEALING.test(name))) // whom this test put it into
      assert.deepEqual((await loaded(eve)).filter((name) => SEALING.test(name)), [])
    },
    'with its worker dead a page sends nothing': async ({ red, fox }) => {
      for (const [dead, other] of [[red, fox], [fox, red]]) {
        const come = async (ms) => {
          const before = await packetsOf(other, dead.name)
          await new Promise((resolve) => setTimeout(resolve, ms))
          return (await packetsOf(other, dead.name)) - before
        }
        assert.ok((await come(1_000)) > 0)
        await dead.page.evaluate(() => window.seal.sealing.close())
        await until(`nothing comes of ${dead.name}`, 15_000, async () => {
          const saw = await come(2_000)
          return { ok: saw === 0, saw }
        })
      }
    },
  },
)
