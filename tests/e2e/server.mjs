// A server of Parley for the tests: a process of its own on free ports, with a data folder of its
// own, and its API.
import { execFile, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { searchMemory } from './memory.mjs'

export const BINARY = process.env.PARLEY ?? fileURLToPath(new URL('../../build/parley', import.meta.url))
/** The same server, which writes down what it sees of media (tests/tap). */
const TAPPING = join(dirname(BINARY), 'tests/tap/parley-tap')
const START_MS = 10_000

/** `parley serve` on free ports, with more options. */
export function startServer(...options) {
  return started(options)
}

/** One whose packets are in the file `tapped`. */
export function startTapped() {
  return started(['--media-threads', '1'], { binary: TAPPING })
}

/** One whose program is a file of its own, that may be replaced: `spoiled`. */
export function startCopied(...options) {
  return started(options, { copied: true })
}

/** `parley demo`, with both its meetings. */
export function startDemo(...options) {
  return started(options, { command: 'demo' })
}

async function started(options, program) {
  const server = new Server(mkdtempSync(join(tmpdir(), 'parley-e2e-')), options, program)
  // Media on all addresses: Firefox does not pair its own with 127.0.0.1.
  await server.run('127.0.0.1:0', '0.0.0.0:0')
  return server
}

class Server {
  log = ''
  #data
  #options
  #command
  #binary
  #child
  #pid

  constructor(data, options, { command = 'serve', binary = BINARY, copied = false } = {}) {
    if (copied) {
      cpSync(binary, join(data, 'program'))
      binary = join(data, 'program')
    }
    this.#data = data
    this.#options = options
    this.#command = command
    this.#binary = binary
  }

  async run(listen, media) {
    const arguments_ = [this.#command, '--listen', listen, '--media', media, '--data', this.#data, ...this.#options]
    const env = { ...process.env, PARLEY_TAP: this.tapped }
    const child = spawn(this.#binary, arguments_, { stdio: ['ignore', 'pipe', 'pipe'], env })
    child.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)))
    // Of it, and of every process that it handed over to: they write where it did.
    child.allEnded = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)))
    this.#pid = child.pid
    child.stderr.on('data', (text) => (this.log += text))
    this.#child = child
    this.origin = this.media = undefined
    const started = new Promise((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.log += line + '\n'
        this.origin ??= line.match(/^listening (https?:\S+)/)?.[1]
        this.media ??= line.match(/^media udp .*:(\d+)$/)?.[1]
        if (this.origin && this.media && (this.#command === 'serve' || /^Stop with/.test(line))) resolve()
      })
    })
    const trouble = await Promise.race([started, child.ended.then((status) => `ended: ${status}`), after(START_MS)])
    if (trouble) {
      child.kill('SIGKILL')
      throw new Error(`parley serve: ${trouble}\n${this.log}`)
    }
  }

  /** A meeting's record, written to a file. */
  async export(meeting, path) {
    const { stdout } = await promisify(execFile)(BINARY, ['export', meeting, '--data', this.#data], { encoding: 'buffer', maxBuffer: 1 << 28 })
    writeFileSync(path, stdout)
  }

  /** Kills it without warning. `again()` starts it, or another program, on the same ports and data; `keep()` copies the data, and
   * `rollBack()` brings that copy back. */
  async kill() {
    const { host } = new URL(this.origin)
    const { media } = this
    const copy = `${this.#data}-copy`
    process.kill(this.#pid, 'SIGKILL')
    await this.#child.allEnded
    return {
      again: (binary = this.#binary) => {
        this.#binary = binary
        return this.run(host, `0.0.0.0:${media}`)
      },
      keep: () => cpSync(this.#data, copy, { recursive: true }),
      rollBack: () => {
        rmSync(this.#data, { recursive: true })
        renameSync(copy, this.#data)
      },
    }
  }

  async stop() {
    process.kill(this.#pid, 'SIGTERM')
    const status = await Promise.race([this.#child.allEnded, after(START_MS)])
    this.#child.kill('SIGKILL')
    rmSync(this.#data, { recursive: true, force: true })
    if (status !== 0) throw new Error(`parley serve did not end cleanly: ${status}\n${this.log}`)
  }

  /** Hands over to another process of the same program; its pid. */
  async upgrade() {
    const { stdout } = await promisify(execFile)(BINARY, ['upgrade', '--data', this.#data])
    this.#pid = Number(/^handed over to process (\d+)$/m.exec(stdout)[1])
    return this.#pid
  }

  /** `parley drain` with these words. */
  async drain(...words) {
    await promisify(execFile)(BINARY, ['drain', '--data', this.#data, ...words])
  }

  /** When it ends at the latest, Unix time in ms. */
  async deadline() {
    const headers = { authorization: `Bearer ${this.adminToken}` }
    const text = await (await fetch(`${this.origin}/metrics`, { headers })).text()
    return 1_000 * Number(/^parley_drain_deadline_seconds (\d+)$/m.exec(text)[1])
  }

  /** While `run` runs, where its program was is one that ends at once. */
  async spoiled(run) {
    renameSync(this.#binary, `${this.#binary}.whole`)
    writeFileSync(this.#binary, '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    await run()
    renameSync(`${this.#binary}.whole`, this.#binary)
  }

  /** The same program, which says that its page is of another build. */
  rebuilt() {
    const program = readFileSync(this.#binary).toString('latin1')
    const build = /<meta name="parley-build" content="([0-9a-f]{16})">/.exec(program)[1]
    const other = build.replace(/./g, (digit) => (digit === '0' ? '1' : '0'))
    const path = join(this.#data, 'rebuilt')
    writeFileSync(path, program.replaceAll(build, other), { encoding: 'latin1', mode: 0o755 })
    return path
  }

  /** What a tapping server saw. */
  get tapped() {
    return join(this.#data, 'tapped')
  }

  /** Everything that it keeps on disk, and said, by name; without the administrator's and organiser's own files. */
  kept() {
    const names = readdirSync(this.#data, { recursive: true }).filter((name) => !OWN.includes(name))
    const files = names.map((name) => join(this.#data, name)).filter((path) => statSync(path).isFile())
    return { log: Buffer.from(this.log), ...Object.fromEntries(files.map((path) => [path, readFileSync(path)])) }
  }

  get pid() {
    return this.#pid
  }

  /** Where in its memory each of these stands, by their names: how often. */
  inMemory(needles) {
    return searchMemory(this.#pid, needles)
  }

  get adminToken() {
    return readFileSync(join(this.#data, 'admin-token'), 'utf8').trim()
  }

  /** A request to the API as the administrator; its JSON. */
  async api(method, path, body) {
    const response = await fetch(this.origin + path, {
      method,
      headers: { authorization: `Bearer ${this.adminToken}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text && JSON.parse(text)
  }

  /** `parley invite`, with a key of its own: the links by name, and the organiser's fingerprint. */
  async invite(meeting) {
    const files = ['--token', join(this.#data, 'admin-token'), '--key', join(this.#data, 'organiser.key')]
    const { stdout } = await promisify(execFile)(BINARY, ['invite', '--server', this.origin, ...files, meeting])
    const lines = stdout.trim().split('\n')
    const links = lines.slice(2).map((line) => /^(?:.*, )?([^,]+), \w+: (\S+)$/.exec(line).slice(1))
    return { organiser: lines[0].replace('organiser ', ''), links: Object.fromEntries(links) }
  }

  /** Makes an open, unencrypted meeting of these people; gives its id and their invitations by name. */
  async meeting(people, more = {}) {
    const seats = [
      { id: 'NOR', name: 'Norway', country: 'NO' },
      { id: 'FRA', name: 'France', country: 'FR' },
      { id: 'CAN', name: 'Canada', country: 'CA' },
    ]
    return this.define({ title: 'Test meeting', floor: 'open', encryption: 'none', seats, people, ...more })
  }

  /** The same, of a whole definition. */
  async define(definition) {
    const made = await this.api('POST', '/api/meetings', definition)
    return { id: made.id, invitations: Object.fromEntries(made.invitations.map((i) => [i.name, i])) }
  }
}

/** Files of the data folder that are not of the meetings, but of who runs the server and these tests. */
const OWN = ['admin-token', 'metrics-token', 'organiser.key', 'lock']

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms, `nothing within ${ms} ms`).unref())
