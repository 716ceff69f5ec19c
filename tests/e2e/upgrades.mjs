// Two Chromium and one Firefox in a call whose server is replaced again and again (script/upgrades): how long media
// stood still in the server, and pictures in the browsers; beside it how long they do without an upgrade, since
// browsers that share a machine stand still by themselves. The last line is JSON.
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

/** In the page: the longest time between two packets of one stream of the others, as they came. */
function watchPackets() {
  window.packets = new Map()
  window.packetsTimer ??= setInterval(async () => {
    for (const c of window.connections)
      for (const s of (await c.getStats()).values()) {
        if (s.type !== 'inbound-rtp' || !s.lastPacketReceivedTimestamp) continue
        const seen = window.packets.get(s.id) ?? { last: s.lastPacketReceivedTimestamp, longest: 0 }
        seen.longest = Math.max(seen.longest, s.lastPacketReceivedTimestamp - seen.last)
        seen.last = s.lastPacketReceivedTimestamp
        window.packets.set(s.id, seen)
      }
  }, 25)
}
const longestWithout = () => Math.round(Math.max(...[...window.packets.values()].map((s) => s.longest)))

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
const packets = { without: [], with: [] }
async function measured(into, run) {
  for (const person of chromiums) {
    await watch(person)
    await person.page.evaluate(watchPackets)
  }
  await run()
  await after(WINDOW_MS)
  for (const person of chromiums) {
    still[into].push(await person.page.evaluate(longestStill))
    packets[into].push(await person.page.evaluate(longestWithout))
  }
}

const before = await connections()
for (let i = 0; i < TIMES; i++) {
  await measured('without', () => {})
  await measured('with', () => server.upgrade())
  await until('everybody is back', 10_000, async () => ({ ok: (await Promise.all(everybody.map(online))).every(Boolean) }))
  console.error(`# ${i + 1} of ${TIMES}: pictures stood still for ${still.with.slice(-2).join(' and ')} ms, packets for ${packets.with.slice(-2).join(' and ')} ms`)
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
    packetGapMs: { with: percentiles(packets.with), without: percentiles(packets.without) },
    pictureStillMs: { with: percentiles(still.with), without: percentiles(still.without) },
  }),
)
if (!same || held.length !== TIMES) process.exit(1)
