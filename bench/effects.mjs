// What a browser takes of a processor that sends a camera (640 × 360, 15 pictures a second) and a microphone to
// one other, as they are, with a background, and without noise: of one core, all its processes together.
//
//   bench/effects              20 seconds each
//   bench/effects --quick      6
//
// The last line is JSON. As root it is nice by -15, as the machine may have other work.
import { loadavg, setPriority } from 'node:os'
import { used } from './used.mjs'
import { closeAll } from '../tests/e2e/browsers.mjs'
import { Person } from '../tests/e2e/person.mjs'
import { sent } from '../tests/e2e/probe.mjs'
import { startServer } from '../tests/e2e/server.mjs'
import { until } from '../tests/e2e/until.mjs'

const SETTLE_MS = 4_000
const NICE = -15
const seconds = process.argv.includes('--quick') ? 6 : 20
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const round = (value) => Number(value.toFixed(1))

/** Pictures sent so far, in the largest of the layers. */
const pictures = async (person) => Math.max(0, ...Object.values(await person.page.evaluate(sent)).map((s) => s.frames))

async function measure(person) {
  await wait(SETTLE_MS)
  const pid = person.browser.driver.process().pid
  const [cpu, frames, at] = [used(pid), await pictures(person), Date.now()]
  await wait(seconds * 1000)
  const over = (Date.now() - at) / 1000
  return { cpu_percent: round(((used(pid) - cpu) / over) * 100), fps: round(((await pictures(person)) - frames) / over) }
}

async function choose(person, menu, choice) {
  await person.click(menu)
  await person.click(choice)
}

if (process.getuid() === 0) setPriority(NICE)
const server = await startServer()
try {
  const { invitations } = await server.meeting([
    { name: 'Eye', role: 'chair' },
    { name: 'Sender', role: 'delegate', seat: 'FRA' },
  ])
  const sender = await Person.chromium(invitations.Sender, 'noisy')
  const eye = await Person.chromium(invitations.Eye)
  await eye.join() // the chair, who opens it
  await sender.join()
  await until('pictures go out', 20_000, async () => ({ ok: (await pictures(sender)) > 0 }))
  const result = { load_average: loadavg()[0], as_it_is: await measure(sender) }
  for (const background of ['blurred', 'plain', 'none']) {
    await choose(sender, 'camera-menu', `background-${background}`)
    if (background !== 'none') result[background] = await measure(sender)
  }
  await choose(sender, 'mic-menu', 'noise-strong')
  result.strong = await measure(sender)
  console.log(JSON.stringify(result))
} finally {
  await closeAll()
  await server.stop()
}
