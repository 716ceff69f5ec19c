// Measures what end-to-end encryption does to picture and sound: an encrypted meeting of Chromium, at the far
// end of a line that loses packets, and Firefox, in every codec, with sizes and sources that change; and
// what sealing costs.
//
//     bench/sealed [--case vp8|vp9|av1|cost]… [--loss PERCENT] [--quick]
//
// Prints a row for each case as it ends, then one JSON object with all figures as the last line. Fails where a
// frame that came for the first time is not shown, but for one at each switch of a picture's slot.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Between, frames } from '../tests/e2e/between.mjs'
import { closeAll, FIREFOX_HZ } from '../tests/e2e/browsers.mjs'
import { CAST } from '../tests/e2e/fakes.mjs'
import { Person } from '../tests/e2e/person.mjs'
import { seal } from '../tests/e2e/sealed.mjs'
import { startServer } from '../tests/e2e/server.mjs'
import { until } from '../tests/e2e/until.mjs'
import { Line, prepare, SERVER, stopLines } from './line.mjs'
import { reading, span } from './page.mjs'

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const round = (value, digits = 1) => Number(value.toFixed(digits))

const SETTLE_MS = 5_000
/** What each direction is measured for. */
const STEADY_MS = 20_000
const STEADY_QUICK_MS = 6_000
const SWITCHES = 12
const SWITCHES_QUICK = 4
const SWITCH_MS = 1_500
const LARGE = { width: 1280, height: 800, deviceScaleFactor: 2 }
const SMALL = { width: 420, height: 420 }
const SMALL_LINES = 180

/** An encrypted meeting: Red (Chromium) at the far end of a bad line, Fox (Firefox) and Blue (Chromium) at the
 * near one. */
class Meeting {
  async begin(line, loss) {
    this.server = await startServer('--public-address', SERVER)
    const people = [
      { name: 'Red', role: 'delegate', seat: 'NOR' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
      { name: 'Blue', role: 'delegate', seat: 'FRA' },
    ]
    const { id } = await this.server.meeting(people, { encryption: 'required' })
    const { links } = await this.server.invite(id)
    this.between = await Between.start(this.server, '0.0.0.0')
    line.set('both', { bps: 10_000_000, queue_ms: 300, delay_ms: 20, loss })
    const { port } = new URL(this.between.origin)
    const far = `http://${SERVER}:${port}`
    const at = (name, origin) => ({ name, url: this.between.link(name, links[name], origin) })
    this.red = await Person.chromium(at('Red', far), 'orange', {
      net: line.pid,
      args: [`--unsafely-treat-insecure-origin-as-secure=${far}`],
    })
    this.fox = await Person.firefox(at('Fox'))
    this.blue = await Person.chromium(at('Blue'), 'blue')
    await this.blue.join()
  }

  async end() {
    await closeAll()
    this.between?.stop()
    await this.server?.stop()
  }
}

/** The picture of somebody is shown, and decoded on. */
async function moves(person, name) {
  const frames = async () => (await person.flows()).find((f) => f.received && f.kind === 'video' && f.name === name)?.frames ?? 0
  const before = await frames()
  await until(`${person.name} sees ${name} move`, 20_000, async () => {
    const saw = await frames()
    return { ok: saw > before + 5, saw }
  })
}

/** Frames that were never shown: one that comes a second time, as retransmissions may, is not among them. */
const never = ({ came, out, dropped }) => Math.max(0, came - out - (dropped.replayed ?? 0))

/** What comes for the person's worker in so long, and what it lets through; and what is made of it. */
async function steady(person, ms) {
  const before = await person.page.evaluate(reading)
  const meanwhile = await frames(person, 'as they are', { ms })
  const after = await person.page.evaluate(reading)
  const { in: came, out, dropped } = meanwhile
  return { came, not_shown: never({ came, out, dropped }), dropped, ...span(before, after) }
}

/** The viewer's page grows and shrinks, and another size of the picture comes. */
async function sizes(viewer, name, codec, times) {
  const heights = []
  for (let i = 0; i < times; i++) {
    await viewer.page.setViewport(i % 2 ? LARGE : SMALL)
    const fits = i % 2 ? (height) => height > heights.at(-1) : (height) => height <= SMALL_LINES
    let height
    await viewer.receives({ [name]: codec }, (f) => fits((height = f.height)), 40_000)
    heights.push(height)
    await moves(viewer, name)
  }
  return heights
}

/** The viewer wants one of two pictures, in turn: the slot of the one becomes the other's. */
async function sources({ between }, viewer, names, times) {
  const told = between.said.get(viewer.name).filter((m) => m.type === 'participant').map((m) => m.participant)
  const pictures = names.map((name) => told.findLast((p) => p.name === name).sources.find(({ kind }) => kind === 'camera').id)
  const view = (...which) => between.tell(viewer.name, { type: 'view', tiles: which.map((i) => ({ source: pictures[i], width: 320, height: 180 })) })
  between.tapUp = (name, m) => (name === viewer.name && m.type === 'view' ? [] : [m])
  view(0)
  await moves(viewer, names[0])
  const from = between.said.get(viewer.name).length
  const counted = frames(viewer, 'as they are', { ms: times * SWITCH_MS + 2_000 })
  for (let i = 1; i <= times; i++) {
    view(i % 2)
    await moves(viewer, names[i % 2])
    await wait(SWITCH_MS / 2)
  }
  const { in: came, out, pictures: seen, dropped } = await counted
  between.tapUp = (_name, m) => [m]
  view(0, 1)
  // Sounds change places as well, since sound and picture of the stage go together.
  const slots = between.said.get(viewer.name).slice(from).flatMap((m) => (m.type === 'slots' ? m.slots : []))
  const pictured = slots.filter(({ kind }) => kind === 'camera').length
  const sounds = slots.filter(({ kind }) => kind === 'microphone').length
  const lost = seen.in - seen.out
  return { views: times, pictured, sounds, came, pictures_lost: lost, sounds_lost: never({ came, out, dropped }) - lost, dropped }
}

async function matrix(meeting, codec, quick) {
  const { red, fox } = meeting
  const ms = quick ? STEADY_QUICK_MS : STEADY_MS
  await red.rejoin(codec.toLowerCase())
  await fox.rejoin(codec.toLowerCase())
  await red.receives({ Fox: codec }, (f) => f.frames > 0, 30_000)
  await fox.receives({ Red: codec }, (f) => f.frames > 0, 30_000)
  await fox.shows({ Red: 'orange' }, 30_000)
  await red.hears({ Fox: FIREFOX_HZ, Blue: CAST.blue.hz })
  await wait(SETTLE_MS)
  const row = { 'to Chromium': await steady(red, ms), 'to Firefox': await steady(fox, ms) }
  row.sizes = { 'to Chromium': await sizes(red, 'Fox', codec, quick ? 2 : 6), 'to Firefox': await sizes(fox, 'Red', codec, quick ? 2 : 6) }
  const times = quick ? SWITCHES_QUICK : SWITCHES
  row.sources = { 'to Chromium': await sources(meeting, red, ['Fox', 'Blue'], times), 'to Firefox': await sources(meeting, fox, ['Red', 'Blue'], times) }
  await red.hears({ Fox: FIREFOX_HZ, Blue: CAST.blue.hz })
  for (const to of ['to Chromium', 'to Firefox']) {
    const { pictured, pictures_lost } = row.sources[to]
    if (pictured < times) row.failed = `${to}: ${pictured} slots of pictures changed, for ${times} views`
    if (row[to].not_shown > 0) row.failed = `${to}: ${row[to].not_shown} of ${row[to].came} frames are not shown`
    if (pictures_lost > pictured) row.failed = `${to}: ${pictures_lost} frames are lost at ${pictured} switches`
  }
  return row
}

/** Seconds of a processor that a process and what it started used up. */
function used(root) {
  const children = new Map()
  const seconds = new Map()
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    let stat
    try {
      stat = readFileSync(`/proc/${name}/stat`, 'utf8')
    } catch {
      continue // it ended
    }
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    seconds.set(Number(name), (Number(fields[11]) + Number(fields[12])) / 100)
    children.set(Number(fields[1]), [...(children.get(Number(fields[1])) ?? []), Number(name)])
  }
  const sum = (pid) => (seconds.get(pid) ?? 0) + (children.get(pid) ?? []).reduce((n, child) => n + sum(child), 0)
  return sum(root)
}

/** Chromium and Firefox, who see and hear each other: what of a processor each takes, and how long a frame
 * waits for the worker. The worker is put into a page of a meeting that is not encrypted, so that nothing else
 * differs. */
async function call(sealed, ms) {
  const server = await startServer('--public-address', SERVER)
  try {
    const { invitations } = await server.meeting([
      { name: 'Red', role: 'delegate', seat: 'NOR' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
    ])
    const people = { chromium: await Person.chromium(invitations.Red, 'orange'), firefox: await Person.firefox(invitations.Fox) }
    if (sealed) for (const person of Object.values(people)) await seal(person, { base: 7, leaves: { Red: 0, Fox: 1 } })
    for (const person of Object.values(people)) await person.join()
    await people.firefox.shows({ Red: 'orange' }, 30_000)
    await people.chromium.hears({ Fox: FIREFOX_HZ })
    await wait(SETTLE_MS)
    const look = async (person) => {
      const flows = await person.flows()
      const frames = (received) => flows.filter((f) => f.kind === 'video' && f.received === received).reduce((n, f) => n + (f.frames ?? 0), 0)
      const cpu = used(person.browser.driver.process().pid)
      return { cpu, sent: frames(false), shown: frames(true), at: Date.now(), counts: sealed && (await person.sealed()) }
    }
    const row = {}
    const before = await Promise.all(Object.values(people).map(look))
    await wait(ms)
    const after = await Promise.all(Object.values(people).map(look))
    for (const [i, name] of Object.keys(people).entries()) {
      const [a, b] = [before[i], after[i]]
      const seconds = (b.at - a.at) / 1000
      const per = (key, by) => round((b.counts[key] - a.counts[key]) / (b.counts[by] - a.counts[by]), 2)
      row[name] = {
        cpu_percent: round(((b.cpu - a.cpu) / seconds) * 100),
        pictures_sent_per_s: round((b.sent - a.sent) / seconds),
        pictures_shown_per_s: round((b.shown - a.shown) / seconds),
        ...(sealed && {
          frames_per_s: round((b.counts.sealed - a.counts.sealed + b.counts.opened - a.counts.opened) / seconds, 0),
          seal_ms: per('sealMs', 'sealed'),
          open_ms: per('openMs', 'opened'),
        }),
      }
    }
    return row
  } finally {
    await closeAll()
    await server.stop()
  }
}

async function cost(quick) {
  const rows = []
  for (let i = 0; i < (quick ? 1 : 3); i++)
    for (const sealed of [false, true]) rows.push({ sealed, ...(await call(sealed, quick ? 5_000 : 20_000)) })
  return rows
}

const cells = (...values) => console.log(`| ${values.map((v) => v ?? '–').join(' | ')} |`)

function tell(codec, row) {
  if (row.failed && !row.sources) return cells(codec, `failed: ${row.failed}`)
  for (const to of ['to Chromium', 'to Firefox']) {
    const { came, not_shown, fps, freezes, concealed_percent } = row[to]
    const { pictured, pictures_lost, sounds, sounds_lost } = row.sources[to]
    cells(codec, to, came, not_shown, fps, freezes, concealed_percent, row.sizes[to].join(' '), pictured, pictures_lost, sounds, sounds_lost)
  }
  if (row.failed) console.log(`failed: ${row.failed}`)
}

function tellCost(rows) {
  cells('browser', 'sealed', 'CPU % of a core', 'pictures sent / s', 'shown / s', 'sealed and opened / s', 'ms to seal', 'ms to open')
  for (const name of ['chromium', 'firefox'])
    for (const { sealed, [name]: r } of rows)
      cells(name, sealed ? 'yes' : 'no', r.cpu_percent, r.pictures_sent_per_s, r.pictures_shown_per_s, r.frames_per_s, r.seal_ms, r.open_ms)
}

async function main() {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true },
      loss: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
    },
  })
  const names = values.case ?? (values.quick ? ['vp8', 'cost'] : ['vp8', 'vp9', 'av1', 'cost'])
  const codecs = names.filter((name) => ['vp8', 'vp9', 'av1'].includes(name)).map((name) => name.toUpperCase())
  const rows = {}
  const meeting = new Meeting()
  try {
    prepare()
    const line = await Line.start(1)
    execFileSync('ip', ['route', 'add', 'default', 'dev', line.device]) // or Firefox finds no address of its own
    if (codecs.length) {
      await meeting.begin(line, Number(values.loss))
      cells('codec', '', 'frames that came', 'not shown', 'pictures / s', 'freezes', 'concealed %', 'lines', 'switches of pictures', 'frames lost', 'of sounds', 'frames lost')
    }
    for (const codec of codecs) {
      rows[codec] = await matrix(meeting, codec, values.quick).catch((error) => ({ failed: error.message }))
      tell(codec, rows[codec])
    }
    await meeting.end()
    if (names.includes('cost')) {
      rows.cost = await cost(values.quick)
      tellCost(rows.cost)
    }
  } finally {
    await closeAll()
    stopLines()
    console.log(JSON.stringify({ loss: Number(values.loss), rows }))
  }
  if (Object.values(rows).some((row) => row.failed)) process.exitCode = 1
}

await main()
process.exit()
