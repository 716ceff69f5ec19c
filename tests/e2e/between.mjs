// A server that lies: what stands between browsers and a real one. It hands over other messages than the real
// one's, holds them back, says them twice, and gives the page's worker other frames than came.
import { createServer, request } from 'node:http'
import WebSocket, { WebSocketServer } from 'ws'

const WORKER = /^\/assets\/worker-.*\.js$/
const FRAMES_MS = 20_000
/** A frame may wait in the worker for half a second. */
const PATIENCE_MS = 1_000

export class Between {
  /** What each person's page told the server, by name. */
  told = new Map()
  /** What the server said to each, as it said it. */
  said = new Map()
  /** Of each message to somebody, by name, what they get in its place: several, or none. */
  tap = (_name, message) => [message]
  /** The same the other way. */
  tapUp = (_name, message) => [message]
  /** What workers are given that begin from now on: see `frames`; `unsealed`: they send what they are to seal. */
  mode = 'as they are'
  /** Of an answer to a request, by its path: another text; undefined: the one that it is. */
  answer = () => undefined
  #names = new Map() // by token
  #sockets = new Map() // to the people, by name
  #onward = new Map() // to the server, for them
  #server
  #behind

  /** `host`: the address to listen on. */
  static async start(server, host = '127.0.0.1') {
    const between = new Between()
    between.#behind = server.origin
    between.#server = createServer((inward, out) => between.#pass(inward, out))
    const sockets = new WebSocketServer({ server: between.#server, perMessageDeflate: false })
    sockets.on('connection', (socket, inward) => between.#connect(socket, inward.url))
    await new Promise((resolve) => between.#server.listen(0, host, resolve))
    between.#server.unref() // a test that fails does not wait for it
    between.origin = `http://127.0.0.1:${between.#server.address().port}`
    return between
  }

  stop() {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** What stands in for a person's link; `origin`: where they reach this. */
  link(name, url, origin = this.origin) {
    const { pathname, hash } = new URL(url)
    this.#names.set(hash.split('.')[1], name)
    this.told.set(name, [])
    this.said.set(name, [])
    return origin + pathname + hash
  }

  /** The last message of this type that was said to somebody. */
  last(name, type) {
    return this.said.get(name).findLast((m) => m.type === type)
  }

  /** Says it to somebody, whatever the server says. */
  say(name, message) {
    this.#sockets.get(name).send(JSON.stringify(message))
  }

  /** Says it to the server in somebody's name, whatever they say. */
  tell(name, message) {
    this.#onward.get(name).send(JSON.stringify(message))
  }

  #pass(inward, out) {
    const { method, url, headers } = inward
    const onward = request(this.#behind + url, { method, headers: { ...headers, host: new URL(this.#behind).host, 'accept-encoding': 'identity' } })
    onward.on('response', async (answer) => {
      const parts = []
      for await (const part of answer) parts.push(part)
      const text = Buffer.concat(parts)
      const { 'content-length': _, ...fields } = answer.headers
      const changed = WORKER.test(url) ? `(${watchFrames})('${this.mode}');\n${text}` : this.answer(url, text)
      out.writeHead(answer.statusCode, { ...fields, 'cache-control': 'no-store' })
      out.end(changed ?? text)
    })
    onward.on('error', () => out.destroy())
    inward.pipe(onward)
  }

  #connect(socket, path) {
    let name
    const onward = new WebSocket(this.#behind.replace('http', 'ws') + path, { origin: this.#behind, perMessageDeflate: false })
    const waiting = []
    onward.on('open', () => waiting.splice(0).forEach((data) => onward.send(data)))
    socket.on('message', (raw) => {
      const message = JSON.parse(raw.toString())
      if (message.type === 'hello') {
        name = this.#names.get(message.token)
        this.#sockets.set(name, socket)
        this.#onward.set(name, onward)
      }
      this.told.get(name).push(message)
      for (const other of this.tapUp(name, message)) {
        if (onward.readyState === WebSocket.OPEN) onward.send(JSON.stringify(other))
        else waiting.push(JSON.stringify(other))
      }
    })
    onward.on('message', (raw) => {
      const message = JSON.parse(raw.toString())
      this.said.get(name).push(message)
      for (const other of this.tap(name, message)) socket.send(JSON.stringify(other))
    })
    onward.on('close', () => socket.close())
    onward.on('error', () => socket.close())
    socket.on('close', () => onward.close())
    socket.on('error', () => onward.close())
  }
}

/** Stands before the worker's own text: counts the frames that come for it and those that it lets through, and
 * gives it others as it is told by `frames`. */
function watchFrames(mode) {
  const AGO = 40 // frames
  const counted = new WeakSet() // frames that are in `counts`
  let counts // as long as one asks for them
  let counting = false
  const channel = new BroadcastChannel('frames')
  channel.onmessage = ({ data }) => {
    if (data.begin) {
      mode = data.begin
      counts = { asked: data.asked, in: 0, out: 0, pictures: { in: 0, out: 0 } }
    }
    counting = data.begin !== undefined
  }
  // Why it drops what it drops, it counts itself.
  const OURS = -1
  let dropped
  let keysAsked = 0
  const { postMessage } = self
  self.postMessage = (message) => {
    if (message.request === OURS) ({ dropped, keysAsked } = structuredClone(message.counts))
    else postMessage.call(self, message)
  }
  setInterval(() => {
    self.onmessage?.({ data: { type: 'counts', request: OURS } })
    if (counts) channel.postMessage({ counts, dropped, keysAsked })
  }, 100)

  /** What stands in for a frame; undefined: nothing. `shown` are some that the section showed. */
  const changed = {
    replayed: (_data, shown) => shown[0]?.slice(0), // an old one, in the packets of a new one
    altered: (data) => {
      const bytes = new Uint8Array(data.slice(0))
      bytes[bytes.length >> 1] ^= 1
      return bytes.buffer
    },
  }
  const watched = ({ transformer }) => {
    const { options, readable, writable } = transformer
    if (options.sends) {
      if (mode !== 'unsealed') return { transformer }
      readable.pipeTo(writable).catch(() => undefined)
      return undefined
    }
    const came = new WeakMap()
    const shown = []
    const before = new TransformStream({
      transform(frame, out) {
        came.set(frame, frame.data.slice(0))
        const other = changed[mode]
        if (other) {
          const data = other(frame.data, shown)
          if (!data) return
          frame.data = data
        }
        if (counting) {
          counts.in++
          if (frame.type) counts.pictures.in++
          counted.add(frame)
        }
        out.enqueue(frame)
      },
    })
    const after = new TransformStream({
      transform(frame, out) {
        if (counted.delete(frame)) {
          counts.out++
          if (frame.type) counts.pictures.out++
        }
        shown.push(came.get(frame))
        if (shown.length > AGO) shown.shift()
        out.enqueue(frame)
      },
    })
    after.readable.pipeTo(writable).catch(() => undefined)
    const sendKeyFrameRequest = () => transformer.sendKeyFrameRequest()
    return { transformer: { options, readable: readable.pipeThrough(before), writable: after.writable, sendKeyFrameRequest } }
  }
  let handler
  Object.defineProperty(self, 'onrtctransform', { set: (given) => (handler = given) })
  self.addEventListener('rtctransform', (event) => {
    const to = watched(event)
    if (to) handler(to)
  })
}

/** What the person's worker is given from now on: frames `as they are`, `replayed` or `altered`. Gives, after so
 * many frames of it, or so many milliseconds, how many came (`in`), how many of them it let through (`out`), the
 * same of pictures alone, and how many it dropped for which reason (`dropped`; a few before and after as well); and how many key frames it asked for
 * (`keysAsked`). */
export async function frames(person, mode, { enough, ms }) {
  return person.page.evaluate(
    ({ mode, enough, ms, late, patience }) =>
      new Promise((resolve, reject) => {
        const channel = new BroadcastChannel('frames')
        const asked = Math.random()
        channel.postMessage({ begin: mode, asked })
        const begun = performance.now()
        const timer = setTimeout(() => reject(new Error(`there were no ${enough} frames`)), late)
        let ending
        let first
        let last
        channel.onmessage = ({ data: { counts, dropped, keysAsked } }) => {
          if (counts?.asked !== asked) return
          first ??= { dropped, keysAsked }
          const reasons = Object.entries(dropped).map(([why, n]) => [why, n - first.dropped[why]])
          last = { ...counts, dropped: Object.fromEntries(reasons.filter(([, n]) => n > 0)), keysAsked: keysAsked - first.keysAsked }
          if (ending || (ms ? performance.now() - begun < ms : counts.in < enough)) return
          channel.postMessage({ end: true })
          // What is still on its way, or waits for a key, is counted too.
          ending = setTimeout(() => {
            clearTimeout(timer)
            channel.close()
            resolve(last)
          }, patience)
        }
      }),
    { mode, enough, ms, late: FRAMES_MS + (ms ?? 0), patience: PATIENCE_MS },
  )
}
