// A background that is blurred or plain, and a microphone without noise, in an encrypted meeting: what the
// others see and hear of it, and that nothing of it is loaded before somebody wants it.
import assert from 'node:assert/strict'
import { CHART } from './fakes.mjs'
import { Person } from './person.mjs'
import { energy } from './probe.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

/** Between blocks of the chart, in steps of 255: more is sharp, less is blurred. The chart's own is over 40. */
const SHARP = 25
/** As app.css has it, `--plain`. */
const PLAIN = [43, 68, 104]

/** At the least, over what is done to the camera: each of its steps takes a second or so, which a busy machine
 * looks at a few times. */
const LOOKS = 8

/** In the page: how far the picture of somebody steps from block to block of the chart, and its mean colour;
 * undefined without a picture. */
function picture(name, columns) {
  const tiles = [...document.querySelectorAll('[data-testid=tile][data-shows=picture]')]
  const video = tiles.find((t) => t.querySelector('[data-testid=tile-name]').innerText.startsWith(name))?.querySelector('video')
  if (!video?.videoWidth) return undefined
  const canvas = document.createElement('canvas')
  const [width, height] = [(canvas.width = 320), (canvas.height = 180)]
  const context = canvas.getContext('2d', { willReadFrequently: true })
  context.drawImage(video, 0, 0, width, height)
  const { data } = context.getImageData(0, 0, width, height)
  const sums = [0, 0, 0]
  for (let i = 0; i < data.length; i++) if (i % 4 < 3) sums[i % 4] += data[i]
  let steps = 0
  let n = 0
  for (let y = 10; y < height; y += 20)
    for (let column = 1; column < columns; column++) {
      const at = 4 * (y * width + (column * width) / columns)
      for (let c = 0; c < 3; c++, n++) steps += Math.abs(data[at + 12 + c] - data[at - 12 + c])
    }
  return { step: Math.round(steps / n), rgb: sums.map((s) => Math.round(s / (width * height))) }
}

const looks = (eye, name) => eye.page.evaluate(picture, name, CHART.columns)

/** Waits until the picture of somebody fits. */
async function sees(eye, name, what, fits) {
  await until(`${eye.name} sees ${name} ${what}`, 30_000, async () => {
    const saw = await looks(eye, name)
    return { ok: saw !== undefined && fits(saw), saw }
  })
}

const sharp = ({ step }) => step > SHARP
const blurred = ({ step, rgb }) => step < SHARP && rgb.some((c, i) => Math.abs(c - PLAIN[i]) > 30)
const plain = ({ step, rgb }) => step < 8 && rgb.every((c, i) => Math.abs(c - PLAIN[i]) < 20)

/** Keeps every look at the picture of somebody that is sharp, from now on. */
async function watch(eye, name) {
  await eye.page.evaluate(`window.look = ${picture}`) // text, since the page's policy evaluates none
  await eye.page.evaluate(
    (name, columns, limit) => {
      window.sharp = []
      window.looks = 0
      setInterval(() => {
        const saw = window.look(name, columns)
        if (saw) window.looks++
        if (saw?.step > limit) window.sharp.push(saw.step)
      }, 40)
    },
    name,
    CHART.columns,
    SHARP,
  )
}

/** Files of the effects that the page asked for. */
const loaded = (person) =>
  person.page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)
      .filter((path) => /wasm|tflite|worklet|background|noise/.test(path)).map((path) => path.replace(/-[\w-]{8,}\./, '.')),
  )

/** What is heard by somebody, in decibels of full scale, over a while. */
async function loudness(eye) {
  const before = await eye.page.evaluate(energy)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  return Math.round(10 * Math.log10((await eye.page.evaluate(energy)) - before + 1e-9))
}

async function falls(eye, from) {
  await until(`${eye.name} hears the noise fall`, 20_000, async () => {
    const saw = await loudness(eye)
    return { ok: saw <= from - 10, saw: `${from} to ${saw} dB` }
  })
}

scene(
  'effects',
  async (s) => {
    const people = [
      { name: 'Anna', role: 'chair' },
      { name: 'Noa', role: 'delegate', seat: 'FRA' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
    ]
    const meeting = await s.server.meeting(people, { encryption: 'required' })
    const { links } = await s.server.invite(meeting.id)
    s.links = links
    s.eye = await Person.chromium({ name: 'Anna', url: links.Anna })
    s.noa = await Person.chromium({ name: 'Noa', url: links.Noa }, 'noisy')
    s.people = [s.eye, s.noa]
  },
  {
    'without them nothing of them is loaded': async ({ eye, noa }) => {
      await eye.join()
      await noa.join()
      await sees(eye, 'Noa', 'sharp', sharp)
      assert.deepEqual(await loaded(noa), [])
    },
    'a background is blurred for the others': async ({ eye, noa }) => {
      await noa.click('camera-menu')
      await noa.click('background-blurred')
      await sees(eye, 'Noa', 'blurred', blurred)
      assert.ok((await loaded(noa)).includes('/assets/background.wasmWorker.js'))
    },
    'and never seen between, whatever is done to the camera': async ({ eye, noa }) => {
      await watch(eye, 'Noa')
      for (let i = 0; i < 2; i++) {
        await noa.click('camera')
        await until('the camera is off', 10_000, async () => ({ ok: (await looks(eye, 'Noa')) === undefined }))
        await noa.click('camera')
        await sees(eye, 'Noa', 'blurred', blurred)
      }
      await noa.click('camera-menu')
      await noa.click('background-plain')
      await sees(eye, 'Noa', 'plain', plain)
      await noa.page.reload()
      await until('it is the room again', 20_000, async () => {
        if (await noa.page.$('[data-testid=join]')) await noa.click('join')
        return { ok: (await noa.page.$('[data-testid=room]')) !== null }
      })
      await sees(eye, 'Noa', 'plain', plain)
      const { looked, sharp } = await eye.page.evaluate(() => ({ looked: window.looks, sharp: window.sharp }))
      assert.ok(looked >= LOOKS, `${looked} looks`)
      assert.deepEqual(sharp, [])
    },
    'who does not want it any more is seen as they are': async ({ eye, noa }) => {
      await noa.click('camera-menu')
      await noa.click('background-none')
      await sees(eye, 'Noa', 'sharp', sharp)
    },
    'noise falls, and comes back': async (s) => {
      const { eye, noa } = s
      s.noise = await loudness(eye)
      assert.ok(s.noise > -50, `${s.noise} dB`)
      await noa.click('mic-menu')
      await noa.click('noise-strong')
      await falls(eye, s.noise)
      await noa.click('mic-menu')
      await noa.click('noise-off')
      await until('the noise is back', 20_000, async () => {
        const saw = await loudness(eye)
        return { ok: saw > s.noise - 3, saw }
      })
    },
    'also where a browser gives the page no compiled program': async ({ eye, noa, noise }) => {
      await noa.page.evaluate(() => {
        window.Worker = class extends window.Worker {
          set onmessage(hear) {
            super.onmessage = (event) =>
              event.data.program instanceof WebAssembly.Module ? this.onmessageerror?.(event) : hear?.(event)
          }
        }
      })
      await noa.click('mic-menu')
      await noa.click('noise-strong')
      await falls(eye, noise)
    },
    'Firefox shows a plain background too': async (s) => {
      await s.noa.leave()
      s.fox = await Person.firefox({ name: 'Fox', url: s.links.Fox })
      s.people.push(s.fox)
      await s.fox.join()
      await s.fox.click('camera-menu')
      await s.fox.click('background-plain')
      await sees(s.eye, 'Fox', 'plain', plain)
    },
  },
)
