// What nobody looks at is not encoded, and is there soon when somebody does.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { active, sent } from './probe.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const UNWANTED_MS = 4_000 // until the server says so
const STEP_MS = 3_000 // what ours may take: to ask for a layer, and to switch to it once it flows
const RAMP_MS = 30_000 // and what a browser may take between, which on a busy machine thinks its line narrow
const SMALL = { width: 420, height: 420 }
const LARGE = { width: 1280, height: 800, deviceScaleFactor: 2 }

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Frames encoded within so long, by rid: {q: 15, h: 0, f: 0}. */
async function encodes(person, ms) {
  const before = await person.page.evaluate(sent)
  await wait(ms)
  const after = await person.page.evaluate(sent)
  return Object.fromEntries(Object.keys(after).map((rid) => [rid, after[rid].frames - (before[rid]?.frames ?? 0)]))
}

/** Waits until exactly these layers are encoded. */
async function sends(person, rids, ms = UNWANTED_MS + 6_000) {
  await until(`${person.name} encodes ${rids.join(', ') || 'nothing'}`, ms, async () => {
    const saw = await encodes(person, 1_000)
    return { ok: ['q', 'h', 'f'].every((rid) => (saw[rid] ?? 0) > 0 === rids.includes(rid)), saw }
  })
}

/** Waits until the viewer shows a picture of so many lines. */
async function lines(viewer, wanted, ms) {
  await until(`${viewer.name} is shown ${wanted} lines`, ms, async () => {
    const saw = await viewer.page.evaluate(() => document.querySelector('[data-own=false][data-testid=tile] video')?.videoHeight)
    return { ok: saw === wanted, saw }
  })
}

/** Waits until the owner's browser is told to send all layers, does it, and the viewer is shown the largest. */
async function grows(viewer, owner) {
  const before = (await owner.page.evaluate(sent)).f.frames
  await viewer.page.setViewport(LARGE)
  await until(`${owner.name} is asked for all layers`, STEP_MS, async () => {
    const saw = await owner.page.evaluate(active)
    return { ok: ['q', 'h', 'f'].every((rid) => saw[rid]), saw }
  })
  await until(`${owner.name} encodes the largest`, RAMP_MS, async () => {
    const saw = (await owner.page.evaluate(sent)).f.frames
    return { ok: saw > before, saw }
  })
  await lines(viewer, 720, STEP_MS)
}

for (const browser of ['Chromium', 'Firefox'])
  scene(
    `layers of ${browser}`,
    async (s) => {
      s.meeting = await s.server.meeting([
        { name: 'Olga Orange', role: 'delegate', seat: 'NOR' },
        { name: 'Rita Red', role: 'delegate', seat: 'FRA' },
      ])
      const { invitations } = s.meeting
      s.olga =
        browser === 'Chromium'
          ? await Person.chromium(invitations['Olga Orange'], 'orange')
          : await Person.firefox(invitations['Olga Orange'])
      s.rita = await Person.chromium(invitations['Rita Red'], 'red')
      s.people = [s.olga, s.rita]
      await s.rita.page.setViewport(SMALL)
    },
    {
      'alone, nothing is encoded': async ({ olga }) => {
        await olga.join()
        await wait(3_000)
        const saw = await olga.page.evaluate(sent)
        for (const [what, { frames, packets }] of Object.entries(saw)) {
          assert.equal(frames, 0, `${what}: ${JSON.stringify(saw)}`)
          assert.ok(packets < 10, `${what}: ${JSON.stringify(saw)}`)
        }
      },
      'a small tile takes the smallest layer': async ({ olga, rita }) => {
        await rita.join()
        await lines(rita, 180, 15_000)
        await sends(olga, ['q'])
      },
      'a large one is asked for, and shown, within three seconds each': async ({ olga, rita }) => {
        await grows(rita, olga)
        await sends(olga, ['q', 'h', 'f'], STEP_MS)
      },
      'and, small again, the small one': async ({ olga, rita }) => {
        await rita.page.setViewport(SMALL)
        await lines(rita, 180, 5_000)
        await sends(olga, ['q'])
        await lines(rita, 180, 0)
      },
      'again large, and no picture stood still meanwhile': async ({ olga, rita }) => {
        const freezes = () =>
          rita.page.evaluate(async () => {
            const reports = [...(await window.__parley.pc.getStats()).values()]
            return Math.max(...reports.filter((r) => r.type === 'inbound-rtp' && r.kind === 'video').map((r) => r.freezeCount ?? 0))
          })
        const before = await freezes()
        await grows(rita, olga)
        assert.ok((await freezes()) - before <= 1)
      },
      'whoever leaves takes the reason with them': async ({ olga, rita }) => {
        await rita.leave()
        await sends(olga, [])
      },
    },
  )
