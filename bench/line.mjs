// A bad line: a process of badlink, whose far end is a network namespace of its own. What it
// carried, and how long packets stood in its queue, from its own log.
import { execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const BINARY = process.env.BADLINK ?? fileURLToPath(new URL('../build/bench/badlink', import.meta.url))
const START_MS = 5_000

/** Where the server is, for every line: an address of the loopback device at the near side. */
export const SERVER = '10.77.0.1'

const running = new Set()
let lines = 0

const ip = (...words) => execFileSync('ip', words.join(' ').split(' '), { stdio: ['ignore', 'ignore', 'inherit'] })

/** Makes the namespace in which this program runs ready for lines. It must be one of its own. */
export function prepare() {
  ip('link set lo up')
  ip(`addr replace ${SERVER}/32 dev lo`)
}

/** Parameters, as badlink knows them: {bps, queue_ms, delay_ms, jitter_ms, loss (percent), burst,
 * reorder (percent), held_ms}. `queue_ms` counts at `bps`. */
function words(parameters) {
  const { queue_ms, ...rest } = parameters
  if (queue_ms !== undefined) rest.queue_bytes = Math.round((parameters.bps * queue_ms) / 8000)
  for (const share of ['loss', 'reorder']) if (rest[share] !== undefined) rest[share] = Math.round(rest[share] * 100)
  return Object.entries(rest).map(([key, value]) => `${key}=${value}`).join(' ')
}

export class Line {
  /** Of each 100 ms and direction, as badlink prints them, with `at`: milliseconds of Date.now(). */
  log = []

  static async start(seed = 1) {
    const line = new Line(++lines)
    await line.#run(seed)
    return line
  }

  constructor(number) {
    this.device = `bad${number}`
    this.net = `10.77.${number}`
  }

  async #run(seed) {
    const child = spawn(BINARY, [this.device, String(seed)], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.child = child
    this.pid = child.pid
    running.add(this)
    let said = ''
    child.stderr.on('data', (text) => (said += text))
    const started = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (status) => resolve(`ended with ${status}`))
      createInterface({ input: child.stdout }).on('line', (text) => {
        if (text === 'ready') {
          this.began = Date.now()
          resolve('')
        } else {
          const entry = JSON.parse(text)
          this.log.push({ ...entry, at: this.began + entry.t * 1000 })
        }
      })
    })
    const late = new Promise((resolve) => setTimeout(resolve, START_MS, 'not ready').unref())
    const trouble = await Promise.race([started, late])
    if (trouble) {
      this.stop()
      throw new Error(`${BINARY} (network namespaces and /dev/net/tun are needed): ${trouble}. ${said}`)
    }
    ip(`addr add ${this.net}.1/24 dev ${this.device}`)
    ip(`link set ${this.device} up`)
    this.inside('ip', 'link', 'set', 'lo', 'up')
    this.address(2)
  }

  /** The far end has this address, and no other, from now on. */
  address(host) {
    if (this.host) this.inside('ip', 'addr', 'del', `${this.net}.${this.host}/24`, 'dev', this.device)
    this.host = host
    this.inside('ip', 'addr', 'add', `${this.net}.${host}/24`, 'dev', this.device)
    this.inside('ip', 'link', 'set', this.device, 'up')
    this.inside('ip', 'route', 'replace', 'default', 'via', `${this.net}.1`)
  }

  /** Whoever at the near end asks which address is theirs is told this line's: Firefox finds none else. */
  asDefault() {
    ip(`route replace default dev ${this.device}`)
  }

  /** Runs a command at the far end. */
  inside(...command) {
    return execFileSync('nsenter', ['-t', String(this.pid), '-n', ...command], { encoding: 'utf8' })
  }

  /** `direction`: down (to the far end), up, both. */
  set(direction, parameters) {
    this.child.stdin.write(`${direction} ${words(parameters)}\n`)
  }

  /** What was logged of a direction between two times. */
  between(direction, from, until) {
    return this.log.filter((l) => l.direction === direction && l.at > from && l.at <= until)
  }

  /** Bits per second carried, and share of the rate in percent. */
  use(direction, from, until) {
    const log = this.between(direction, from, until)
    const bits = log.reduce((sum, l) => sum + l.bytes * 8, 0)
    const could = log.reduce((sum, l) => sum + l.bps / 10, 0)
    return { bps: Math.round((bits * 1000) / (until - from)), percent: could ? Math.round((1000 * bits) / could) / 10 : null }
  }

  /** Milliseconds that this share of the packets did not exceed, from arrival to end of service. */
  delay(direction, from, until, percent = 95) {
    const bins = new Map()
    let n = 0
    for (const { delays } of this.between(direction, from, until))
      for (const [ms, packets] of delays) {
        bins.set(ms, (bins.get(ms) ?? 0) + packets)
        n += packets
      }
    let sum = 0
    for (const ms of [...bins.keys()].sort((a, b) => a - b)) if ((sum += bins.get(ms)) * 100 >= n * percent) return ms
    return 0
  }

  /** Packets dropped at the queue's tail, and lost behind it. */
  losses(direction, from, until) {
    const log = this.between(direction, from, until)
    const sum = (key) => log.reduce((all, l) => all + l[key], 0)
    return { dropped: sum('dropped'), lost: sum('lost') }
  }

  stop() {
    running.delete(this)
    this.child.kill('SIGKILL')
  }
}

export function stopLines() {
  for (const line of running) line.stop()
}
