// Measures how long it takes from opening a link to hearing who has the floor, in Chromium: on a device that was
// never there (an empty profile) and on one that was; and what the join page weighs, when it paints, and whether
// it jumps.
//
//     bench/walk [--quick] [--runs N]
//
// The walker is the page's own fastest user: Join is pressed in the frame in which it can be. Devices are granted
// without a question. Server, browsers and the one who speaks share the machine. HTTP and the WebSocket are slowed
// to a line of 10 Mbit/s and 40 ms where a row says so; media is not. Prints a row for each case as it ends, then one
// JSON object with all figures as the last line. Fails where a median is above its aim.
import { parseArgs } from 'node:util'
import { closeAll } from '../tests/e2e/browsers.mjs'
import { Person } from '../tests/e2e/person.mjs'
import { startServer } from '../tests/e2e/server.mjs'

const RUNS = 5
const RUNS_QUICK = 2
const AIM_MS = { first: 10_000, returning: 3_000 }
const WEIGHT_AIM = 250_000
const SHIFT_AIM = 0.001
/** 10 Mbit/s and 40 ms of round trip. */
const LINE = { offline: false, latency: 40, downloadThroughput: 1_250_000, uploadThroughput: 1_250_000 }
/** Energy of a sound that somebody speaks, in a slot. */
const HEARD = 1e-4
const WALK_MS = 60_000

/** In the page, before anything of it: presses Join as soon as that can be, and notes when what was there. */
function walk(heard) {
  const times = (window.walked = {})
  const look = async () => {
    const join = document.querySelector('[data-testid=join]')
    if (!times.shown && join) times.shown = performance.now()
    if (!times.pressed && join && !join.disabled) {
      times.pressed = performance.now()
      join.click()
    }
    if (!times.room && document.querySelector('[data-testid=room]')) times.room = performance.now()
    const pc = window.__parley?.pc
    for (const r of pc ? (await pc.getStats()).values() : []) {
      if (r.type === 'inbound-rtp' && r.kind === 'audio' && r.totalAudioEnergy > heard) times.heard ??= performance.now()
    }
    if (!times.heard) setTimeout(look, 20)
  }
  void look()
}

/** In the page, before anything of it: what the browser says of painting. */
function watchPaint() {
  const seen = (window.painted = { fcp: 0, lcp: 0, cls: 0, shifts: [] })
  const on = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true })
  on('paint', (e) => e.name === 'first-contentful-paint' && (seen.fcp = e.startTime))
  on('largest-contentful-paint', (e) => (seen.lcp = e.startTime))
  on('layout-shift', (e) => {
    if (e.hadRecentInput) return
    seen.cls += e.value
    seen.shifts.push(...e.sources.map((s) => s.node?.outerHTML?.slice(0, 80) ?? s.node?.nodeName))
  })
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)]
const round = (ms) => Math.round(ms)

async function slowed(page) {
  const cdp = await page.createCDPSession()
  await cdp.send('Network.enable')
  await cdp.send('Network.emulateNetworkConditions', LINE)
}

/** One way from the link into the meeting, and out again. */
async function oneWalk(person) {
  await person.page.goto('about:blank')
  await person.page.goto(person.url)
  await person.page.waitForFunction(() => window.walked?.heard, { timeout: WALK_MS, polling: 100 })
  const times = await person.page.evaluate(() => window.walked)
  await person.page.evaluate(() => document.querySelector('[data-testid=leave]').click())
  await person.see('left')
  return times
}

async function walker(invitation, slow) {
  const person = await Person.chromium(invitation, 'blue')
  await person.page.evaluateOnNewDocument(walk, HEARD)
  if (slow) await slowed(person.page)
  return person
}

/** `first`: a new browser each time. `returning`: one that was there before. */
async function walks(invitation, device, slow, runs) {
  const all = []
  let person
  for (let n = 0; n < runs; n++) {
    if (device === 'first' || !person) {
      await person?.browser.close()
      person = await walker(invitation, slow)
      if (device === 'returning') await oneWalk(person)
    }
    all.push(await oneWalk(person))
  }
  await person.browser.close()
  const of = (key) => round(median(all.map((times) => times[key])))
  return { shown: of('shown'), room: of('room'), heard: of('heard'), worst: round(Math.max(...all.map((t) => t.heard))) }
}

/** The join page alone, in an empty browser. */
async function paint(invitation, { colour, slow, phone }) {
  const person = await Person.chromium(invitation, colour)
  const { page } = person
  if (phone) await page.setViewport({ width: 390, height: 844, isMobile: true, hasTouch: true })
  await page.evaluateOnNewDocument(watchPaint)
  if (slow) await slowed(page)
  await page.goto(person.url)
  await person.see('join-page')
  if (colour) await page.waitForSelector('[data-testid=preview][data-shows=picture]')
  await page.waitForNetworkIdle()
  const seen = await page.evaluate(() => {
    const files = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    return { ...window.painted, weight: files.reduce((sum, f) => sum + f.encodedBodySize, 0), files: files.length }
  })
  await person.browser.close()
  return { fcp: round(seen.fcp), lcp: round(seen.lcp), cls: Number(seen.cls.toFixed(4)), weight: seen.weight, files: seen.files, shifts: seen.shifts }
}

async function main() {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, runs: { type: 'string' } } })
  const runs = Number(values.runs ?? (values.quick ? RUNS_QUICK : RUNS))
  const people = [
    { name: 'Anna', role: 'chair' },
    { name: 'Bernard', role: 'delegate', seat: 'FRA' },
  ]
  const server = await startServer()
  const missed = []
  const results = { walks: [], pages: [] }
  const aim = (what, got, most) => got > most && missed.push(`${what}: ${got}, not ${most}`)
  try {
    for (const encryption of ['none', 'required']) {
      const { id, invitations } = await server.meeting(people, { encryption })
      const links = encryption === 'required' ? (await server.invite(id)).links : undefined
      const of = (name) => ({ name, url: links?.[name] ?? invitations[name].url })
      const anna = await Person.chromium(of('Anna'), 'red')
      await anna.join()
      for (const device of ['first', 'returning']) {
        for (const slow of values.quick ? [false] : [false, true]) {
          const row = { encryption, device, line: slow ? '10 Mbit/s, 40 ms' : 'loopback', runs, ...(await walks(of('Bernard'), device, slow, runs)) }
          results.walks.push(row)
          console.log(`${encryption}, ${device}, ${row.line}: page ${row.shown} ms, room ${row.room} ms, heard ${row.heard} ms, at worst ${row.worst} ms`)
          aim(`${encryption}, ${device}, ${row.line}`, row.heard, AIM_MS[device])
        }
      }
      await anna.browser.close()
      if (encryption === 'required') continue
      for (const how of [{ colour: 'blue' }, {}, { colour: 'blue', phone: true }, { colour: 'blue', slow: true }]) {
        const what = `${how.colour ? 'camera' : 'no camera'}, ${how.phone ? 'phone' : 'desk'}, ${how.slow ? '10 Mbit/s, 40 ms' : 'loopback'}`
        const row = { what, ...(await paint(of('Bernard'), how)) }
        results.pages.push(row)
        console.log(`join page, ${what}: first paint ${row.fcp} ms, largest ${row.lcp} ms, shift ${row.cls} ${row.shifts.join(' ')}, ${row.weight} bytes in ${row.files} files`)
        aim(`${what}: bytes`, row.weight, WEIGHT_AIM)
        aim(`${what}: shift`, row.cls, SHIFT_AIM)
      }
    }
  } finally {
    await closeAll()
    await server.stop()
  }
  for (const line of missed) console.log(`missed: ${line}`)
  console.log(JSON.stringify({ ...results, missed }))
  process.exitCode = missed.length > 0 ? 1 : 0
}

await main()
