// A call of four Chromium, two by UDP, one by ICE-TCP alone and one by TURN in TLS alone, whose server is replaced again and
// again (script/chaos) while somebody acts: how long each page goes without sound, beside as long a time without an
// upgrade, since browsers that share a machine stand still by themselves; how long media stood still in the server; when
// WebSockets and TURN are back; and that no act that was acknowledged is lost. Then it is killed a few times, and started again:
// how long until each page hears. The last line is JSON.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Actor } from './actor.mjs'
import { relayOnly, tcpOnly, uses } from './bent.mjs'
import { watchGaps } from './gaps.mjs'
import { Person } from './person.mjs'
import { startServer } from './server.mjs'
import { until } from './until.mjs'

const TIMES = Number(process.argv[2] ?? 100)
const WINDOW_MS = 3_500 // of each measure; TURN is to be back within 3 s
const BACK_MS = 20_000
const KILLS = Math.ceil(TIMES / 10)
const WAYS = { red: 'udp', blue: 'udp', green: 'ice_tcp', orange: 'turn_tls' }

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

function percentiles(all) {
  const sorted = [...all].map(Math.round).sort((a, b) => a - b)
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)]
  return { n: all.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) }
}

/** Of all cores since the machine started: how long they were idle, and in all. */
function idle() {
  const [user, nice, system, idle, wait, irq, soft] = readFileSync('/proc/stat', 'latin1').split('\n')[0].split(/\s+/).slice(1).map(Number)
  return { idle: idle + wait, all: user + nice + system + idle + wait + irq + soft }
}

const folder = mkdtempSync(join(tmpdir(), 'parley-chaos-tls-'))
const [key, certificate] = ['key.pem', 'cert.pem'].map((name) => join(folder, name))
const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost']
execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
process.removeAllListeners('warning') // of what follows
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'

const server = await startServer('--tls-cert', certificate, '--tls-key', key, '--turn', '0.0.0.0:0')
const { id, invitations } = await server.meeting([
  { name: 'Clerk', role: 'secretary' },
  ...Object.keys(WAYS).map((name) => ({ name, role: 'delegate', seat: 'FRA' })),
])
const actor = new Actor(server.origin, id, invitations.Clerk.token)

const people = []
for (const [colour, way] of Object.entries(WAYS)) {
  const person = await Person.chromium(invitations[colour], colour, { args: ['--ignore-certificate-errors'] })
  await person.page.setBypassCSP(true)
  await person.page.evaluateOnNewDocument(watchGaps)
  if (way === 'ice_tcp') await person.page.evaluateOnNewDocument(tcpOnly)
  if (way === 'turn_tls') await person.page.evaluateOnNewDocument(relayOnly)
  await person.open()
  await person.see('join-page', BACK_MS)
  if (way !== 'udp') await person.click('camera') // four cameras are too much for small machines
  await person.enter()
  people.push(Object.assign(person, { way }))
}
await uses(people[2], { protocol: 'tcp' })
await uses(people[3], { type: 'relay', relay: 'tls' })

/** Frames of sound come, and have come for the whole of a window. */
const gaps = () => Promise.all(people.map(({ page }) => page.evaluate(() => window.gap())))
const connections = () => Promise.all(people.map(({ page }) => page.evaluate(() => window.connections.length)))
async function settled() {
  await until('everybody hears', BACK_MS, async () => {
    await gaps()
    await after(1_000)
    const saw = await gaps()
    return { ok: saw.every(({ longest, frames }) => frames > 20 && longest < 500), saw }
  })
}

const gap = { with: { udp: [], ice_tcp: [], turn_tls: [] }, without: { udp: [], ice_tcp: [], turn_tls: [] } }
async function measured(into, run) {
  await gaps()
  await run()
  await after(WINDOW_MS)
  const all = await gaps()
  people.forEach(({ way }, i) => gap[into][way].push(all[i].longest))
}

await settled()
const before = await connections()
const cpu = idle()
for (let i = 0; i < TIMES; i++) {
  await measured('without', () => {})
  await measured('with', () => server.upgrade())
  await settled()
  const last = Object.entries(gap.with).map(([way, all]) => `${way} ${Math.round(all.at(-1))}`)
  console.error(`# ${i + 1} of ${TIMES}: without sound for ms: ${last.join(', ')}`)
}
const now = idle()
const held = [...server.log.matchAll(/media stood still for (\d+) ms/g)].map(([, ms]) => Number(ms))
const same = (await connections()).every((n, i) => n === before[i] || people[i].way === 'turn_tls')
const absences = (await Promise.all(people.map(({ page }) => page.evaluate(() => window.absences)))).flat()

/** From when the server listens again until each page hears. */
const back = []
for (let i = 0; i < KILLS; i++) {
  const { again } = await server.kill()
  await again()
  await gaps()
  const began = performance.now()
  const waits = new Set(people)
  await until('everybody hears again', BACK_MS, async () => {
    for (const person of waits) {
      if ((await person.page.evaluate(() => window.gap())).frames === 0) continue
      waits.delete(person)
      back.push(performance.now() - began)
    }
    return { ok: waits.size === 0, saw: [...waits].map(({ way }) => way) }
  })
  await settled()
}
await until('everything is answered', 5_000, async () => ({ ok: actor.welcomed }))
await after(500)
actor.end()

const events = new Map()
for (let next = 0; next !== undefined; ) {
  const got = await server.api('GET', `/api/meetings/${id}/record/events?after=${next}`)
  for (const { number, event } of got.events) events.set(number, event)
  next = got.next
}
const acts = actor.compare(events)
for (const person of people) await person.close()
await server.stop()
rmSync(folder, { recursive: true, force: true })

const each = (of) => Object.fromEntries(Object.entries(of).map(([way, all]) => [way, percentiles(all)]))
const good = same && held.length === TIMES && acts.lost.length === 0 && acts.twice.length === 0 && acts.acknowledged > 0
console.log(
  JSON.stringify({
    upgrades: TIMES,
    good,
    same_peer_connections: same,
    acts: { ...acts, lost: acts.lost.length, twice: acts.twice.length },
    server_held_ms: percentiles(held),
    without_sound_ms: each(gap.with),
    control_ms: each(gap.without),
    heard_after_kill_ms: percentiles(back),
    websocket_back_ms: { pages: percentiles(absences), actor: percentiles(actor.absences) },
    idle_percent: Math.round((100 * (now.idle - cpu.idle)) / (now.all - cpu.all)),
  }),
)
if (!good) process.exit(1)
