// Two Chromium and one Firefox in a call whose server is replaced again and again (script/upgrades): how long media
// stood still in the server, and pictures in the browsers; beside it how long they do without an upgrade, since
// browsers that share a machine stand still by themselves: as shown (in the page's own thread, which is busy when it
// has just connected anew), and as decoded. The last line is JSON.
import { Person } from './person.mjs'
import { longestStill, watchStill } from './probe.mjs'
import { startServer } from './server.mjs'
import { until } from './until.mjs'

const TIMES = Number(process.argv[2] ?? 100)
const WINDOW_MS = 3_000

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const percentiles = (all) => {
  const sorted = [...all].sort((a, b) => a - b)
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)]
  return { n: all.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1) }
}

/** In the page: for how long, in all, pictures of others froze, as their decoders tell. */
async function frozen() {
  let ms = 0
  for (const c of window.connections)
    for (const s of (await c.getStats()).values()) if (s.type === 'inbound-rtp') ms += 1_000 * (s.totalFreezesDuration ?? 0)
  return ms
}

const watch = (person) => person.page.evaluate(watchStill)

const server = await startServer()
const { invitations } = await server.meeting([
  { name: 'Red', role: 'chair' },
  { name: 'Blue', role: 'delegate', seat: 'FRA' },
  { name: 'Fox', role: 'delegate', seat: 'CAN' },
])
const chromiums = [await Person.chromium(invitations.Red, 'red'), await Person.chromium(invitations.Blue, 'blue')]
const everybody = [...chromiums, await Person.firefox(invitations.Fox)]
for (const person of everybody) await person.join()
await chromiums[0].shows({ Blue: 'blue' }, 30_000)
await chromiums[1].shows({ Red: 'red' }, 30_000)
await after(5_000) // until rates have found their way

const connections = () => Promise.all(everybody.map(({ page }) => page.evaluate(() => window.connections.length)))
const online = (person) => person.page.evaluate(() => window.sockets.at(-1).readyState === 1 && window.welcome.media === 'kept')

const still = { without: [], with: [] }
const frost = { without: [], with: [] }
async function measured(into, run) {
  const before = await Promise.all(chromiums.map(({ page }) => page.evaluate(frozen)))
  for (const person of chromiums) await watch(person)
  await run()
  await after(WINDOW_MS)
  for (const [i, { page }] of chromiums.entries()) {
    still[into].push(await page.evaluate(longestStill))
    frost[into].push(Math.round((await page.evaluate(frozen)) - before[i]))
  }
}

const before = await connections()
for (let i = 0; i < TIMES; i++) {
  await measured('without', () => {})
  await measured('with', () => server.upgrade())
  await until('everybody is back', 10_000, async () => ({ ok: (await Promise.all(everybody.map(online))).every(Boolean) }))
  console.error(`# ${i + 1} of ${TIMES}: pictures stood still for ${still.with.slice(-2).join(' and ')} ms, froze for ${frost.with.slice(-2).join(' and ')} ms`)
}
const held = [...server.log.matchAll(/media stood still for (\d+) ms/g)].map(([, ms]) => Number(ms))
const same = (await connections()).every((n, i) => n === before[i])
for (const person of everybody) await person.close()
await server.stop()
console.log(
  JSON.stringify({
    upgrades: TIMES,
    samePeerConnections: same,
    serverHeldMs: percentiles(held),
    frozenMs: { with: percentiles(frost.with), without: percentiles(frost.without) },
    pictureStillMs: { with: percentiles(still.with), without: percentiles(still.without) },
  }),
)
if (!same || held.length !== TIMES) process.exit(1)
