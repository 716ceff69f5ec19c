// The demonstration's council of 32 as a newcomer sees it on this machine: 31 simulated delegations and the
// chair's browser. What of a processor each of the three programs takes (of one core), how many frames each
// picture shows, whether one stands still, and how soon everybody is there: with all in the grid, and with a
// speaker on the stage.
//
//   bench/council              a minute of the grid
//   bench/council --quick      20 seconds of it
//   bench/council --picture F  keeps a picture of the page in F (PNG)
//
// The last line is JSON. Ends with 1 if a picture stood still for a second, or somebody was missing. As root it
// is nice by -15, as the machine may have other work.
import { loadavg, setPriority } from 'node:os'
import { childOf, used } from './used.mjs'
import { reading, span } from './page.mjs'
import { closeAll } from '../tests/e2e/browsers.mjs'
import { Person } from '../tests/e2e/person.mjs'
import { longestStill, tiles, watchStill } from '../tests/e2e/probe.mjs'
import { startDemo } from '../tests/e2e/server.mjs'
import { until } from '../tests/e2e/until.mjs'

const SEATS = 31
const CHAIR = 'Solveig Lindqvist'
const SPEAKER = 'Arben Hoxhaj'
const SETTLE_MS = 3_000
const STAGE_S = 6 // a speech is no shorter than ten seconds
const NICE = -15
const STILL_MS = 1_000
const words = process.argv.slice(2)
const seconds = words.includes('--quick') ? 20 : 60
const picture = words.includes('--picture') ? words[words.indexOf('--picture') + 1] : undefined
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const round = (value, digits = 1) => Number(value.toFixed(digits))

const shown = async (chair) => (await chair.page.evaluate(tiles)).filter((tile) => tile.rgb && tile.name !== CHAIR)
const people = (chair) => chair.page.evaluate(() => window.names.size)

async function measure(server, chair, seconds) {
  const simulator = childOf(server.pid, 'parley-simulate')
  const cpu = () => ({ server: used(server.pid) - used(simulator), simulate: used(simulator), browser: used(chair.browser.driver.process().pid) })
  await chair.page.evaluate(watchStill)
  const pictures = (await shown(chair)).length
  const [before, from, at] = [await chair.page.evaluate(reading), cpu(), Date.now()]
  await wait(seconds * 1000)
  const [after, to, over] = [await chair.page.evaluate(reading), cpu(), (Date.now() - at) / 1000]
  const percent = Object.fromEntries(Object.keys(to).map((name) => [name, round(((to[name] - from[name]) / over) * 100)]))
  const still = await chair.page.evaluate(longestStill)
  const between = span(before, after)
  if (!between) throw new Error(`the page connected anew: ${chair.browser.log.slice(-5).join('; ')}`)
  const { fps, freezes, kbps } = between
  return { seconds: round(over), pictures, fps_of_each: round(fps / pictures), longest_still_ms: still, freezes, kbps, cpu_percent: percent }
}

if (process.getuid() === 0) setPriority(NICE)
const server = await startDemo('--seats', String(SEATS))
let failed
try {
  const url = new RegExp(`${CHAIR}: +(\\S+)`).exec(server.log)[1]
  const chair = await Person.chromium({ name: CHAIR, url }, 'red')
  await chair.page.setViewport({ width: 1440, height: 900 })
  const began = Date.now()
  await chair.join()
  await until('everybody is there', 60_000, async () => {
    const saw = await people(chair)
    return { ok: saw === SEATS + 1, saw }
  })
  await until('the pictures are', 60_000, async () => {
    const saw = (await shown(chair)).length
    return { ok: saw >= 24, saw }
  })
  const there = Date.now() - began
  await wait(SETTLE_MS)
  const grid = await measure(server, chair, seconds)
  if (picture) await chair.page.screenshot({ path: picture })
  await chair.act(SPEAKER, 'floor-give')
  await wait(SETTLE_MS) // the layout, and the larger picture of who speaks
  const stage = await measure(server, chair, STAGE_S)
  const result = { seats: SEATS, grid, stage, click_to_pictures_ms: there, load_average: loadavg()[0] }
  failed = (await people(chair)) !== SEATS + 1 || grid.longest_still_ms > STILL_MS
  console.log(JSON.stringify(result))
} finally {
  await closeAll()
  await server.stop()
}
process.exit(failed ? 1 : 0)
