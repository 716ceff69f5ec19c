// A participant of an encrypted meeting without a browser and without media: the client's own modules of
// keys (build/node/keys.js), on a WebSocket. It is in the group like everybody, reads and writes, and
// opens sealed frames that it is given.
import { webcrypto } from 'node:crypto'
import WebSocket from 'ws'
import { Keyring, openFrame, personKey, Protection, readFragment, sealFrame, toBase64url, verified } from '../../build/node/keys.js'
import { until } from './until.mjs'

const PING_MS = 3_000

export class Member {
  /** Of the others: id, name, sources, as the server tells it. */
  people = new Map()
  /** What was said, as `name: text`. */
  texts = []
  /** All keys that there were, by epoch. */
  epochs = new Map()
  /** What went wrong. */
  troubles = []
  /** When it had the newest epoch's keys. */
  keysAt = undefined
  #kept
  #token
  #states = []
  #socket
  #protection
  #pulse

  /** What `parley invite` gave this person: the link. */
  constructor(name, link) {
    this.name = name
    this.url = new URL(link)
    this.meeting = this.url.pathname.split('/').at(-1)
    this.page = toBase64url(webcrypto.getRandomValues(new Uint8Array(16)))
  }

  /** Reads the signed list, and comes in. */
  async join() {
    await this.prepare()
    await this.enter()
  }

  /** What a page does until somebody presses "Join". */
  async prepare() {
    const { token, secret, organiser } = readFragment(this.url.hash)
    const headers = { authorization: `Bearer ${token}` }
    const response = await fetch(`${this.url.origin}/api/meetings/${this.meeting}/manifest`, { headers })
    if (!response.ok) throw new Error(`${this.name}: the list of participants: ${response.status}`)
    const manifest = await verified(await response.json(), this.meeting, organiser)
    const key = await personKey(secret, this.meeting)
    const publicKey = toBase64url(key.publicKey)
    const { person } = [...manifest.people.values()].find((p) => toBase64url(p.key) === publicKey)
    // Frames of every epoch stay readable for it: it drops nothing.
    this.#kept = new Keyring(0)
    this.#protection = new Protection({ meeting: this.meeting, organiser, person, key, manifest })
    this.#protection.start({
      send: (message) => this.send(message),
      sealing: () => ({ setEpoch: (keys) => this.#epoch(keys), switchTo: () => undefined, expect: () => undefined }),
      unseal: () => undefined,
      shows: () => undefined,
      said: (_circle, by, text) => this.texts.push(`${by.name}: ${text}`),
      here: () => [...this.people.keys()],
      members: () => undefined,
      warn: (text) => this.troubles.push(text),
    })
    this.#token = token
  }

  /** Connects. Resolves once the server has welcomed it. */
  enter() {
    return this.#connect(this.#token)
  }

  #connect(token) {
    const address = this.url.origin.replace('http', 'ws') + '/ws'
    const socket = (this.#socket = new WebSocket(address, { origin: this.url.origin, perMessageDeflate: false }))
    this.#pulse = setInterval(() => this.send({ type: 'ping' }), PING_MS)
    return new Promise((resolve, reject) => {
      socket.on('open', () => this.send({ type: 'hello', meeting: this.meeting, token, page: this.page }))
      socket.on('error', reject)
      socket.on('close', () => {
        clearInterval(this.#pulse)
        reject(new Error(`${this.name}: the connection ended`))
      })
      socket.on('message', (data) => {
        const message = JSON.parse(data)
        if (message.type === 'welcome') resolve()
        this.#hear(message)
      })
    })
  }

  #hear(message) {
    switch (message.type) {
      case 'welcome':
        this.you = message.you
        return this.#protection.welcome(message.you)
      case 'participant':
        return void this.people.set(message.participant.id, message.participant)
      case 'gone':
        return void this.people.delete(message.participant)
      case 'error':
      case 'removed':
        return void this.troubles.push(message.message)
      case 'group_state':
        this.#states.push({ ...message, heardAt: Date.now() })
        return this.#protection.receive(message)
      case 'manifest':
      case 'group':
      case 'group_work':
      case 'handshake':
      case 'group_welcome':
      case 'commit_refused':
      case 'group_info':
      case 'sealed':
        return this.#protection.receive(message)
    }
  }

  async #epoch(keys) {
    const copy = { ...keys, baseKey: keys.baseKey.slice() }
    if (await this.#kept.add(keys, 0, Infinity)) throw new Error(`${this.name}: epoch ${keys.epoch} is refused`)
    this.epochs.set(keys.epoch, copy)
    this.keysAt = Date.now()
  }

  send(message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
    return true
  }

  get inside() {
    return this.#protection.inside
  }

  /** Names of those in the group. */
  get members() {
    return this.#protection.members.map((m) => m.name)
  }

  get code() {
    return this.#protection.code
  }

  /** When it was told that so many have said that they have the keys of an epoch; undefined: not yet. */
  allAt(count) {
    return this.#states.find(({ acked, of }) => acked === of && of === count)?.heardAt
  }

  say(text) {
    return this.#protection.say(text)
  }

  /** Opens a frame of anybody, by whatever keys it ever had. Undefined: it cannot. */
  open(codec, frame) {
    return openFrame(this.#kept, codec, new Uint8Array(frame), Date.now())
  }

  /** A frame of a source of its own, sealed with the newest keys. */
  async seal(kind, codec, data) {
    return (await sealFrame(this.#kept, kind, codec, new Uint8Array(data), Date.now())).data
  }

  /** Waits until exactly these are in the group with it, and all have one code. */
  async knows(names, ms = 15_000) {
    await until(`${this.name} is in the group with ${names}`, ms, async () => {
      const saw = this.members
      return { ok: this.inside && [...saw].sort().join() === [...names].sort().join(), saw }
    })
  }

  /** Goodbye. What it has of keys it keeps. */
  leave() {
    this.send({ type: 'leave' })
  }

  /** The line is dead: nothing comes or goes any more, and nobody is told. It has just been heard of. */
  vanish() {
    this.send({ type: 'ping' })
    clearInterval(this.#pulse)
    this.#protection.end()
    this.#socket.pause()
  }

  /** The connection breaks off, as when a browser is killed. What it has of keys it keeps. */
  break() {
    this.#protection?.end()
    clearInterval(this.#pulse)
    this.#socket?.terminate()
  }

  /** Ends for good. */
  end() {
    this.break()
  }
}
