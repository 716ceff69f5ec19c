// Measures Parley on bad networks: a server, a sender, a receiver on a good line and one on a bad
// line, all real Chromium, each in a network namespace of its own, joined by badlink.
//
//     bench/badnet [--case NAME]… [--estimate on|off] [--quick] [--list]
//
// Prints a row for each case as it ends, then one JSON object with all figures as the last line.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { parseArgs } from 'node:util'
import { closeAll } from '../tests/e2e/browsers.mjs'
import { Person } from '../tests/e2e/person.mjs'
import { startServer } from '../tests/e2e/server.mjs'
import { until } from '../tests/e2e/until.mjs'
import { BEST_HEIGHT, busyCamera } from './camera.mjs'
import { grid } from './grid.mjs'
import { Line, prepare, SERVER, stopLines } from './line.mjs'
import { reading, span } from './page.mjs'

const PORT = 8480
const ORIGIN = `http://${SERVER}:${PORT}`
const TCP_PORT = 8481
const SETTLE_S = 10
const SCREEN = { width: 1280, height: 800, deviceScaleFactor: 2 } // a tile of three still wants the best layer
const wait = (s) => new Promise((resolve) => setTimeout(resolve, s * 1000))
const round = (value, digits = 1) => (value === null || value === undefined ? null : Number(value.toFixed(digits)))

/** Server, lines and people of all cases; the person on the bad line comes anew for each. */
class World {
  async serve(estimate) {
    prepare()
    this.server = await startServer(
      '--listen', `${SERVER}:${PORT}`, '--public-url', ORIGIN, '--public-address', SERVER, '--estimate', estimate)
  }

  async people() {
    const { invitations } = await this.server.meeting([
      { name: 'Sender', role: 'chair' },
      { name: 'Good', role: 'delegate', seat: 'NOR' },
      { name: 'Bad', role: 'delegate', seat: 'FRA' },
    ])
    this.invitations = invitations
    this.lines = { sender: await Line.start(1), good: await Line.start(2), bad: await Line.start(3) }
    for (const line of Object.values(this.lines)) line.set('both', GOOD)
    this.sender = await this.person('Sender', 'sender', 'red', [`--use-file-for-fake-video-capture=${busyCamera()}`])
    this.good = await this.person('Good', 'good')
    await this.sender.join()
    await this.good.join()
    await this.sees(this.good)
    await until('the sender gives its best layer', 40_000, async () => {
      const saw = await this.good.page.evaluate(reading)
      return { ok: saw.height >= BEST_HEIGHT, saw }
    })
  }

  async person(name, line, colour, args = []) {
    const person = await Person.chromium(this.invitations[name], colour, {
      net: this.lines[line].pid,
      args: [...args, `--unsafely-treat-insecure-origin-as-secure=${ORIGIN}`],
    })
    await person.page.setViewport(SCREEN)
    return person
  }

  sees(person, ms = 30_000) {
    return until(`${person.name} sees the sender`, ms, async () => {
      const tile = await person.tile('Sender')
      return { ok: tile?.rgb !== undefined, saw: tile }
    })
  }

  /** The one on the bad line comes (again), and sees the sender. */
  async badComes() {
    await this.bad?.close()
    this.bad = await this.person('Bad', 'bad')
    await this.bad.join()
    await this.sees(this.bad)
  }

  async end() {
    await closeAll()
    stopLines()
    await this.server?.stop()
  }
}

const GOOD = { bps: 0, delay_ms: 5, jitter_ms: 0, loss: 0, burst: 1, reorder: 0 }

/** What two receivers got, and what the bad line did, over some seconds. */
async function measure(world, seconds, direction = 'down') {
  const { bad, good, lines } = world
  const from = Date.now()
  const before = [await bad.page.evaluate(reading), await good.page.evaluate(reading)]
  await wait(seconds)
  const after = [await bad.page.evaluate(reading), await good.page.evaluate(reading)]
  await wait(0.2) // the log of the last tenth
  const end = Date.now() - 200
  return {
    carried_kbps: Math.round(lines.bad.use(direction, from, end).bps / 1000),
    use_percent: lines.bad.use(direction, from, end).percent,
    queue_p95_ms: lines.bad.delay(direction, from, end),
    ...lines.bad.losses(direction, from, end),
    bad: span(before[0], after[0]),
    good: span(before[1], after[1]),
  }
}

/** A line that does not change: the person comes, has 10 s, then is measured. */
function steady(bps, loss, rtt, seconds = 15) {
  return async (world) => {
    const parameters = { bps, queue_ms: 300, delay_ms: rtt / 2, jitter_ms: 4, loss }
    world.lines.bad.set('both', { ...GOOD, delay_ms: rtt / 2, loss })
    world.lines.bad.set('down', parameters)
    await world.badComes()
    await wait(SETTLE_S)
    return measure(world, seconds)
  }
}

/** Seconds from `from` until `holds` of a log entry, for half a second without a break; null: never. */
function firstTime(log, from, holds) {
  for (let i = 0; i + 5 <= log.length; i++) if (log.slice(i, i + 5).every(holds)) return round((log[i].at - from) / 1000 - 0.1, 1)
  return null
}

/** From 3 Mbit/s to 0.7 and back. */
async function drop(world, { low = 20, high = 20 } = {}) {
  const line = world.lines.bad
  const wide = { bps: 3_000_000, queue_ms: 300, delay_ms: 25, jitter_ms: 4, loss: 0 }
  line.set('both', { ...GOOD, delay_ms: 25 })
  line.set('down', wide)
  await world.badComes()
  await wait(SETTLE_S)
  const before = await measure(world, 5)
  const fell = Date.now()
  line.set('down', { bps: 700_000 })
  await wait(5)
  const narrow = await measure(world, low - 5)
  const rose = Date.now()
  line.set('down', { bps: 3_000_000 })
  await wait(high)
  const smooth = (entries) => entries.map((l, i) => ({ ...l, bytes_in: mean(entries.slice(Math.max(0, i - 4), i + 1).map((e) => e.bytes_in)) }))
  const down = smooth(line.between('down', fell, rose))
  const up = smooth(line.between('down', rose, Date.now()))
  const most = before.carried_kbps * 1000
  const after = await measure(world, 5)
  return {
    below_after_s: firstTime(down, fell, (l) => l.bytes_in * 80 < 700_000),
    queue_gone_after_s: firstTime(down, fell, (l) => l.queue_ms < 100),
    back_after_s: firstTime(up, rose, (l) => l.bytes_in * 80 >= 0.9 * most),
    before, ...narrow, after,
  }
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length

/** A TCP download beside, in the second half. */
async function tcp(world) {
  const line = world.lines.bad
  line.set('both', { ...GOOD, delay_ms: 20 })
  line.set('down', { bps: 3_000_000, queue_ms: 100, delay_ms: 20, jitter_ms: 4 })
  await world.badComes()
  await wait(SETTLE_S)
  const before = await measure(world, 10)
  const flow = await download(line)
  await wait(5)
  const bytes = flow.bytes()
  const seconds = 20
  const during = await measure(world, seconds)
  const share = ((flow.bytes() - bytes) * 8) / seconds / 1000
  await flow.stop()
  await wait(SETTLE_S)
  const after = await measure(world, 10)
  return { before, ...during, tcp_kbps: Math.round(share), media_kbps: during.carried_kbps - Math.round(share), after }
}

/** Somebody at the far end of the line fetches all that TCP gives. */
async function download(line) {
  const chunk = Buffer.alloc(65536)
  const sockets = new Set()
  const server = createServer((socket) => {
    sockets.add(socket)
    const more = () => { while (socket.write(chunk)); }
    socket.on('drain', more).on('error', () => {})
    more()
  })
  await new Promise((resolve) => server.listen(TCP_PORT, SERVER, resolve))
  const program = `let n = 0; require('net').connect(${TCP_PORT}, '${SERVER}').on('data', (d) => (n += d.length)); setInterval(() => console.log(n), 100)`
  const child = spawn('nsenter', ['-t', String(line.pid), '-n', process.execPath, '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  let got = 0
  child.stdout.on('data', (text) => (got = Number(String(text).trim().split('\n').at(-1))))
  return {
    bytes: () => got,
    stop: async () => {
      child.kill('SIGKILL')
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The sender's own line is bad. */
function uplink(bps, loss) {
  return async (world) => {
    const line = world.lines.sender
    await world.badComes()
    line.set('both', { ...GOOD, delay_ms: 25, loss })
    line.set('up', { bps, queue_ms: 300, delay_ms: 25, jitter_ms: 4, loss })
    await wait(SETTLE_S)
    const { lines } = world
    const measured = await measure({ ...world, lines: { bad: lines.sender } }, 15, 'up')
    line.set('both', GOOD)
    return measured
  }
}

/** The client's address changes: the longest times without a new frame and without a packet of
 * sound in the 25 s after it. Whoever finds the WebSocket dead only then makes a second gap. */
async function address(world) {
  const line = world.lines.bad
  line.set('both', GOOD)
  await world.badComes()
  await wait(3)
  const changes = []
  for (const host of [3, 2]) {
    const at = Date.now()
    line.address(host)
    const still = { frames: at, packets: at }
    const longest = { frames: 0, packets: 0 }
    let last = await world.bad.page.evaluate(reading)
    const connections = new Set()
    while (Date.now() - at < 25_000) {
      await wait(0.1)
      const now = await world.bad.page.evaluate(reading)
      connections.add(now.connection)
      for (const key of ['frames', 'packets']) {
        if (now[key] !== last[key] && now[key] > 0) still[key] = now.at
        longest[key] = Math.max(longest[key], now.at - still[key])
      }
      last = now
    }
    changes.push({
      picture_gap_s: round(longest.frames / 1000), sound_gap_s: round(longest.packets / 1000),
      connections: connections.size, in_the_room: (await world.bad.page.$('[data-testid=room]')) !== null,
    })
  }
  await world.sees(world.bad)
  return { changes }
}

const CASES = {
  'loss-10': steady(2_000_000, 10, 100),
  'loss-20': steady(2_000_000, 20, 100),
  'loss-2-300ms': steady(2_000_000, 2, 300),
  'narrow-1': steady(1_000_000, 0, 20),
  'narrow-0.5': steady(500_000, 0, 100),
  'narrow-0.5-loss-10': steady(500_000, 10, 100),
  'wide-10': steady(10_000_000, 0, 20),
  drop,
  tcp,
  'uplink-1': uplink(1_000_000, 0),
  'uplink-2-loss-10': uplink(2_000_000, 10),
  address,
}
const QUICK = { 'loss-10': steady(2_000_000, 10, 100, 5), 'narrow-0.5': steady(500_000, 0, 100, 5) }

const table = (...head) => `| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}`
const cells = (...values) => `| ${values.map((v) => v ?? '–').join(' | ')} |`
/** A figure, with a mark where it misses its aim. */
const aim = (value, met) => (value === null || value === undefined ? '–' : met(value) ? value : `${value} !`)

const GRID_HEAD = `${table('Mbit/s', 'loss', 'round trip', 'used %', 'queue p95 ms', 'p95 from the start', 'dropped', 'not repaired %')}\n`
const gridLine = (r) =>
  cells(r.mbps, `${r.loss} %`, `${r.rtt} ms`, aim(r.use_percent, (v) => v >= 90), aim(r.queue_p95_ms, (v) => v < 100),
    aim(r.queue_p95_from_the_start_ms, (v) => v < 100), r.dropped, r.not_repaired_percent)

const CASES_HEAD = table('case', 'carried kbit/s', 'queue p95 ms', 'frames/s', 'lines', 'freezes', 'concealed %', 'the good receiver: frames/s, concealed %', 'more')
function caseLine(name, { failed, carried_kbps, use_percent, queue_p95_ms, dropped, lost, bad, good, before, after, ...more }) {
  if (failed) return cells(name, `failed: ${failed}`)
  return cells(
    name, carried_kbps, aim(queue_p95_ms, (v) => v < 100), aim(bad?.fps, (v) => v >= 15), bad?.height, bad?.freezes,
    aim(bad?.concealed_percent, (v) => v < 2), good && `${good.fps}, ${good.concealed_percent}`,
    Object.keys(more).length ? JSON.stringify(more).replace(/["{}]/g, '').replaceAll(',', ', ') : '')
}

async function main() {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true },
      estimate: { type: 'string', default: 'on' },
      quick: { type: 'boolean', default: false },
      grid: { type: 'string', multiple: true },
      list: { type: 'boolean', default: false },
    },
  })
  const all = values.quick && !values.case ? QUICK : CASES
  const names = values.case ?? Object.keys(all)
  const unknown = names.find((name) => !all[name])
  if (values.list || unknown) {
    console.log(`${unknown ? `no case ${unknown}; there are: ` : ''}${Object.keys(all).join(' ')}`)
    process.exitCode = unknown ? 2 : 0
    return
  }
  const world = new World()
  const rows = {}
  try {
    await world.serve(values.estimate)
    for (const [i, mbps] of (values.grid ?? []).entries()) {
      const some = await grid(world.server, `${SERVER}:${PORT}`, mbps * 1e6, { atOnce: mbps >= 10 ? 3 : 12 })
      console.log((i ? '' : GRID_HEAD) + some.map(gridLine).join('\n'))
      for (const row of some) rows[`${row.mbps} Mbit/s, ${row.loss} %, ${row.rtt} ms`] = row
    }
    if (values.grid) return
    console.log(CASES_HEAD)
    await world.people()
    for (const name of names) {
      rows[name] = await all[name](world).catch((error) => ({ failed: error.message }))
      console.log(caseLine(name, rows[name]))
    }
  } finally {
    await world.end()
    console.log(JSON.stringify({ estimate: values.estimate, rows }))
  }
  if (Object.values(rows).some((row) => row.failed)) process.exitCode = 1
}

await main()
process.exit()
