// Two browsers, one of them on a bad line: it loses packets, narrows and widens. Runs in a network
// namespace of its own (`unshare --net node all.mjs badnet`), and needs /dev/net/tun.
import assert from 'node:assert/strict'
import { busyCamera, BEST_HEIGHT } from '../../bench/camera.mjs'
import { Line, prepare, SERVER, stopLines } from '../../bench/line.mjs'
import { reading, span } from '../../bench/page.mjs'
import { Person } from './person.mjs'
import { sent } from './probe.mjs'
import { scene } from './scene.mjs'
import { startServer } from './server.mjs'
import { until } from './until.mjs'

const PORT = 8480
const ORIGIN = `http://${SERVER}:${PORT}`
const LOSSY_S = 15
const FEWER_S = 8
const wait = (s) => new Promise((resolve) => setTimeout(resolve, s * 1000))

/** Waits until the viewer's picture has so many lines. */
const lines = (viewer, holds, what, ms) =>
  until(`the picture is ${what}`, ms, async () => {
    const { height } = await viewer.page.evaluate(reading)
    return { ok: holds(height), saw: height }
  })

const encoded = async (person) => Math.max(...Object.values(await person.page.evaluate(sent)).map(({ frames }) => frames ?? 0))

prepare()
scene(
  'bad net',
  async (s) => {
    await s.server.stop()
    s.server = await startServer(
      '--listen', `${SERVER}:${PORT}`, '--public-url', ORIGIN, '--public-address', SERVER, '--estimate', 'on')
    s.line = await Line.start(1)
    s.line.set('both', { bps: 3_000_000, queue_ms: 300, delay_ms: 50 })
    const { invitations } = await s.server.meeting([
      { name: 'Sender', role: 'chair' },
      { name: 'Viewer', role: 'delegate', seat: 'NOR' },
    ])
    const args = [`--unsafely-treat-insecure-origin-as-secure=${ORIGIN}`]
    s.sender = await Person.chromium(invitations.Sender, 'red', { args: [...args, `--use-file-for-fake-video-capture=${busyCamera()}`] })
    // With devices: a browser that sends nothing knows no round trip, and waits for no retransmission.
    s.viewer = await Person.chromium(invitations.Viewer, 'green', { args, net: s.line.pid })
    s.people = [s.sender, s.viewer]
  },
  {
    'the best layer comes over a good line': async ({ sender, viewer }) => {
      await sender.join()
      await viewer.join()
      await lines(viewer, (height) => height >= BEST_HEIGHT, 'the best', 60_000)
    },
    'at 10 % loss the sound is whole and the picture moves': async ({ sender, viewer, line }) => {
      line.set('both', { loss: 10 })
      await wait(8) // its jitter buffer learns how long a retransmission takes
      const [before, sentBefore] = [await viewer.page.evaluate(reading), await encoded(sender)]
      await wait(LOSSY_S)
      const [after, sentAfter] = [await viewer.page.evaluate(reading), await encoded(sender)]
      const got = span(before, after)
      assert.ok(got, 'one connection, all the time')
      assert.ok(got.concealed_percent < 2, `concealed: ${got.concealed_percent} %`)
      // The aim is three quarters of the frames, and it is missed: docs/badnet.md says why. This is
      // what no change may make worse.
      const given = (sentAfter - sentBefore) / LOSSY_S
      assert.ok(got.fps >= given * 0.4, `${got.fps} frames a second of ${given}`)
    },
    'a narrow line gets a lower layer': async ({ viewer, line }) => {
      line.set('both', { loss: 0 })
      line.set('down', { bps: 500_000 })
      await lines(viewer, (height) => height > 0 && height < BEST_HEIGHT, 'a lower layer', 20_000)
    },
    'a line too narrow for the smallest layer gets fewer of its frames': async ({ sender, viewer, line }) => {
      line.set('down', { bps: 250_000 })
      await wait(15)
      const [before, sentBefore] = [await viewer.page.evaluate(reading), await sender.page.evaluate(sent)]
      await wait(FEWER_S)
      const [after, sentAfter] = [await viewer.page.evaluate(reading), await sender.page.evaluate(sent)]
      const got = span(before, after)
      assert.ok(got, 'one connection, all the time')
      const given = (sentAfter.q.frames - sentBefore.q.frames) / FEWER_S
      assert.ok(got.fps > 3 && got.fps < given * 0.85, `${got.fps} frames a second of ${given}`)
      assert.equal(got.freezes, 0)
    },
    'and a wide one the best again': async ({ viewer, line }) => {
      line.set('down', { bps: 3_000_000 })
      await lines(viewer, (height) => height >= BEST_HEIGHT, 'the best', 60_000)
      stopLines()
    },
  },
)
