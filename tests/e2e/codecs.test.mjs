// Every codec from Chromium to Chromium and Firefox, pictures judged by their pixels; layers of VP9
// and AV1; sound with redundancy to who takes it.
import assert from 'node:assert/strict'
import { FIREFOX_HZ } from './browsers.mjs'
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { offerSize } from './probe.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

// Of a camera of 640 x 360 Chromium sends two layers of the three, of 90 and 180 lines.
const LARGE = { width: 1280, height: 800 }
const SMALL = { width: 400, height: 400 }

/** Red's picture in this codec: seen by Blue and Fox, beside Blue's own VP8. */
async function seenByAll({ red, blue, fox }, codec) {
  await red.rejoin(codec.toLowerCase())
  await blue.shows({ Red: 'red' })
  await fox.shows({ Red: 'red', Blue: 'blue' })
  await blue.receives({ Red: codec })
  await fox.receives({ Red: codec, Blue: 'VP8' })
}

/** Blue's page grows and shrinks: another layer comes, and the picture stays. */
async function layersFollow({ red, blue }, codec) {
  await until('Red sends several layers', 15_000, async () => {
    const saw = (await red.flows()).filter((f) => !f.received && f.kind === 'video' && f.frames > 10)
    return { ok: saw.length >= 2 && saw.every((f) => f.codec === codec), saw }
  })
  for (const [viewport, height] of [[LARGE, 180], [SMALL, 90], [LARGE, 180]]) {
    await blue.page.setViewport(viewport)
    await blue.receives({ Red: codec }, (f) => f.height === height)
    await blue.shows({ Red: 'red' })
  }
}

scene(
  'codecs',
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
    'the offers stay small': async ({ red, blue, fox }) => {
      await blue.join()
      await fox.join()
      await red.join()
      for (const person of [blue, fox]) {
        const bytes = await person.page.evaluate(offerSize)
        assert.ok(bytes < 80_000, `${person.name}: ${bytes} bytes`)
      }
    },
    'VP9 is seen by both': (s) => seenByAll(s, 'VP9'),
    'its layers follow the size': (s) => layersFollow(s, 'VP9'),
    'AV1 is seen by both': (s) => seenByAll(s, 'AV1'),
    'its layers follow the size, too': (s) => layersFollow(s, 'AV1'),
    'H.264 is seen by who has it': async ({ red, blue, fox }) => {
      await red.rejoin('h264')
      await blue.shows({ Red: 'red' })
      await blue.receives({ Red: 'H264' })
      await fox.shows({ Red: null, Blue: 'blue' })
    },
    'sound is heard': async ({ red, blue, fox }) => {
      await red.hears({ Blue: CAST.blue.hz, Fox: FIREFOX_HZ })
      await blue.hears({ Red: CAST.red.hz, Fox: FIREFOX_HZ })
      const before = await fox.energy()
      await until('sound energy grows in Firefox', 10_000, async () => {
        const saw = (await fox.energy()) - before
        return { ok: saw > 0.005, saw }
      })
    },
    'with redundancy in Chromium, without in Firefox': async ({ red, blue, fox }) => {
      // Opus sends 80 bytes in 20 ms; with the packet before it they are 165. The statistics call both Opus.
      const size = async (person, name) => {
        const flow = (await person.flows()).find((f) => f.kind === 'audio' && f.packets > 0 && (name ? f.name === name : !f.received))
        return flow && flow.bytes / flow.packets
      }
      await until('sizes of packets', 10_000, async () => {
        const saw = { sent: await size(red), blue: await size(blue, 'Red'), fox: await size(fox, 'Red') }
        return { ok: saw.sent > 130 && saw.blue > 130 && saw.fox < 110, saw }
      })
    },
    'a screen comes in AV1, in both': async ({ red, blue, fox }) => {
      await red.click('screen')
      for (const person of [blue, fox]) {
        await person.receives({ Red: 'AV1' })
        await until(`${person.name} sees the screen`, 15_000, async () => {
          const saw = (await person.tiles()).find((t) => t.kind === 'screen')
          return { ok: saw?.rgb !== undefined, saw }
        })
      }
    },
  },
)
