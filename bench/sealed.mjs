// Measures what end-to-end encryption does to picture and sound: an encrypted meeting of Chromium, at the far
// end of a line that loses packets, and Firefox, in every codec, with sizes and sources that change; and
// what sealing costs.
//
//     bench/sealed [--case vp8|vp9|av1|cost]… [--loss PERCENT] [--plain] [--quick]
//
// Prints a row for each case as it ends, then one JSON object with all figures as the last line. Fails where a
// frame that came for the first time is not shown, but for one at each switch of a slot; and where a picture
// stands still. `--plain`: the same without encryption, for comparison.
import { parseArgs } from 'node:util'
import { closeAll, FIREFOX_HZ } from '../tests/e2e/browsers.mjs'
import { CAST } from '../tests/e2e/fakes.mjs'
import { Person } from '../tests/e2e/person.mjs'
import { seal } from '../tests/e2e/sealed.mjs'
import { startServer } from '../tests/e2e/server.mjs'
import { Line, prepare, SERVER, stopLines } from './line.mjs'
import { Meeting, sizes, sources, steady } from './lossy.mjs'
import { used } from './used.mjs'

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const round = (value, digits = 1) => Number(value.toFixed(digits))

const SETTLE_MS = 5_000
/** What each direction is measured for. */
const STEADY_MS = 20_000
const STEADY_QUICK_MS = 6_000
const SWITCHES = 12
const SWITCHES_QUICK = 4

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
  const row = { 'to Chromium': await steady(meeting, red, ms), 'to Firefox': await steady(meeting, fox, ms) }
  row.sizes = { 'to Chromium': await sizes(meeting, red, 'Fox', codec, quick ? 2 : 6), 'to Firefox': await sizes(meeting, fox, 'Red', codec, quick ? 2 : 6) }
  const times = quick ? SWITCHES_QUICK : SWITCHES
  row.sources = { 'to Chromium': await sources(meeting, red, ['Fox', 'Blue'], times), 'to Firefox': await sources(meeting, fox, ['Red', 'Blue'], times) }
  await red.hears({ Fox: FIREFOX_HZ, Blue: CAST.blue.hz })
  for (const to of ['to Chromium', 'to Firefox']) {
    const { pictured, pictures_lost } = row.sources[to]
    if (pictured < times) row.failed = `${to}: ${pictured} slots of pictures changed, for ${times} views`
    if (meeting.plain) continue // what a decoder leaves out is not lost
    const { came, not_shown, changed } = row[to]
    if (not_shown > changed) row.failed = `${to}: ${not_shown} of ${came} frames are not shown, at ${changed} switches`
    if (pictures_lost > pictured) row.failed = `${to}: ${pictures_lost} frames are lost at ${pictured} switches`
  }
  return row
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

const HEAD = ['codec', '', 'frames that came', 'twice', 'not shown', 'pictures / s', 'freezes', 'concealed %', 'lines', 'ms until it moves']
HEAD.push('switches of pictures', 'frames lost', 'ms until it moves', 'of sounds', 'frames lost')
const cells = (...values) => console.log(`| ${values.map((v) => v ?? '–').join(' | ')} |`)

function tell(codec, row) {
  if (row.failed && !row.sources) return cells(codec, `failed: ${row.failed}`)
  for (const to of ['to Chromium', 'to Firefox']) {
    const { came, not_shown, dropped, fps, freezes, concealed_percent } = row[to]
    const { pictured, pictures_lost, sounds, sounds_lost, still_ms } = row.sources[to]
    const { heights, still_ms: resized_ms } = row.sizes[to]
    const moved = [heights.join(' '), resized_ms, pictured, pictures_lost, still_ms, sounds, sounds_lost]
    cells(codec, to, came, dropped.replayed ?? 0, not_shown, fps, freezes, concealed_percent, ...moved)
  }
  if (row.failed) console.log(`failed: ${row.failed}`)
}

function tellCost(rows) {
  cells('browser', 'sealed', 'CPU % of a core', 'pictures sent / s', 'shown / s', 'sealed and opened / s', 'ms to seal', 'ms to open')
  for (const name of ['chromium', 'firefox'])
    for (const { sealed, [name]: r } of rows)
      cells(name, sealed ? 'yes' : 'no', r.cpu_percent, r.pictures_sent_per_s, r.pictures_shown_per_s, r.frames_per_s, r.seal_ms, r.open_ms)
}

async function allCodecs(line, codecs, { loss, plain, quick }, rows) {
  const meeting = new Meeting(await startServer('--public-address', SERVER), plain)
  try {
    await meeting.begin(line, Number(loss))
    cells(...HEAD)
    for (const codec of codecs) {
      rows[codec] = await matrix(meeting, codec, quick).catch((error) => ({ failed: error.message }))
      tell(codec, rows[codec])
    }
  } finally {
    await meeting.end()
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true },
      loss: { type: 'string', default: '3' },
      plain: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
    },
  })
  const names = values.case ?? (values.quick ? ['vp8', 'cost'] : ['vp8', 'vp9', 'av1', 'cost'])
  const codecs = names.filter((name) => ['vp8', 'vp9', 'av1'].includes(name)).map((name) => name.toUpperCase())
  const rows = {}
  try {
    prepare()
    const line = await Line.start(1)
    line.asDefault()
    if (codecs.length) await allCodecs(line, codecs, values, rows)
    if (names.includes('cost')) {
      rows.cost = await cost(values.quick)
      tellCost(rows.cost)
    }
  } finally {
    await closeAll()
    stopLines()
    console.log(JSON.stringify({ loss: Number(values.loss), plain: values.plain, rows }))
  }
  if (Object.values(rows).some((row) => row.failed)) process.exitCode = 1
}

await main()
process.exit()
