// The whole grid of lines, with the synthetic client: many small pictures, so that what the server
// chooses can come near to any rate. A receiver for each line; the lines of one rate side by side.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Line } from './line.mjs'

const LOAD = process.env.BENCH_LOAD ?? fileURLToPath(new URL('../build/bench/bench_load', import.meta.url))
const QUEUE_MS = 300
const JITTER_MS = 4
const LOSSES = [0, 2, 10, 20]
const ROUND_TRIPS = [20, 100, 300]
// What is published for a rate: so many cameras of two layers (frames a second, packets a frame,
// bytes a packet, size). All best layers together are more than the rate, all least ones less.
const CAMERAS = {
  500_000: { n: 20, layers: ['5,1,300,160,90', '10,1,500,320,180'] },
  1_000_000: { n: 20, layers: ['5,1,500,160,90', '10,1,900,320,180'] },
  2_000_000: { n: 24, layers: ['10,1,600,160,90', '20,1,1000,320,180'] },
  10_000_000: { n: 26, layers: ['20,1,1000,320,180', '30,2,1100,640,360'] },
}
const wait = (s) => new Promise((resolve) => setTimeout(resolve, s * 1000))

/** bench_load, spoken to line by line; `pid`: in whose network namespace. */
class Load {
  #answers = []
  #waiting = []

  constructor(pid) {
    const command = pid ? ['nsenter', '-t', String(pid), '-n', LOAD] : [LOAD]
    this.child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.child.stdout }).on('line', (text) => {
      const give = this.#waiting.shift()
      if (give) give(JSON.parse(text))
      else this.#answers.push(JSON.parse(text))
    })
    this.hello = this.answer()
  }

  answer() {
    const ready = this.#answers.shift()
    return ready ? Promise.resolve(ready) : new Promise((resolve) => this.#waiting.push(resolve))
  }

  say(line) {
    this.child.stdin.write(line + '\n')
  }

  async up() {
    await this.hello
    this.say('settle 30')
    const settled = await this.answer()
    if (settled.failed || !settled.up) throw new Error(`the synthetic client did not come in: ${JSON.stringify(settled)}`)
  }

  stop() {
    this.child.kill('SIGKILL')
  }
}

/** The figures of all lines of one rate, of which so many are measured together. */
export async function grid(server, at, bps, { seconds = 20, settle = 10, atOnce = 12 } = {}) {
  const cameras = CAMERAS[bps]
  const people = Array.from({ length: cameras.n }, (_, i) => ({ name: `P${i}`, role: 'delegate', seat: 'NOR' }))
  people.push(...LOSSES.flatMap((loss) => ROUND_TRIPS.map((rtt) => ({ name: `${loss} ${rtt}`, role: 'observer' }))))
  const { id, invitations } = await server.meeting(people)
  const publishers = new Load()
  for (let i = 0; i < cameras.n; i++) {
    const layers = cameras.layers.map((layer) => `video=${layer}`).join(' ')
    publishers.say(`publish http ${at} /whip/${id} ${invitations[`P${i}`].token} ${i ? '' : 'audio=1 '}${layers}`)
  }
  await publishers.up()
  const all = LOSSES.flatMap((loss) => ROUND_TRIPS.map((rtt) => ({ loss, rtt })))
  const rows = []
  for (let i = 0; i < all.length; i += atOnce)
    rows.push(...await Promise.all(all.slice(i, i + atOnce).map((line, k) => measure(i + k, line))))
  publishers.stop()
  return rows

  async function measure(number, { loss, rtt }) {
    const line = await Line.start(100 + number)
    line.set('up', { bps: 0, delay_ms: rtt / 2, loss })
    line.set('down', { bps, queue_ms: QUEUE_MS, delay_ms: rtt / 2, jitter_ms: JITTER_MS, loss })
    const receiver = new Load(line.pid)
    await receiver.hello
    receiver.say(`receive http ${at} /whep/${id} ${invitations[`${loss} ${rtt}`].token} audio=1 video=${cameras.n}`)
    await receiver.up()
    const joined = Date.now()
    await wait(settle)
    const from = Date.now()
    receiver.say(`measure ${seconds}`)
    await receiver.answer()
    const got = await receiver.answer()
    await wait(0.2)
    const until = from + seconds * 1000
    receiver.stop()
    const row = {
      mbps: bps / 1e6, loss, rtt,
      use_percent: line.use('down', from, until).percent,
      queue_p95_ms: line.delay('down', from, until),
      queue_p95_from_the_start_ms: line.delay('down', joined, until),
      dropped: line.losses('down', from, until).dropped,
      not_repaired_percent: Math.round((10000 * got.lost) / (got.packets + got.lost)) / 100,
      plis: got.plis,
    }
    line.stop()
    return row
  }
}
