// Somebody without a page who acts all the time and comes back whenever the connection is lost; and whether what was
// acknowledged to them is in the record, byte for byte, and nothing twice.
import WebSocket from 'ws'

const EACH_MS = 200 // the record is read anew by each server: 18,000 events an hour are more than a meeting has
const AGAIN_MS = 50

export class Actor {
  /** Events by their number, as they were acknowledged. */
  acknowledged = new Map()
  /** Times without a connection, in ms. */
  absences = []
  #sent = 0
  #ended = false
  #socket
  #lost

  constructor(origin, meeting, token) {
    this.origin = origin
    this.meeting = meeting
    this.token = token
    this.#connect()
    this.#acting = setInterval(() => this.#act(), EACH_MS)
  }

  #acting

  #connect() {
    const socket = (this.#socket = new WebSocket(`${this.origin.replace('http', 'ws')}/ws`, { origin: this.origin, rejectUnauthorized: false }))
    this.welcomed = false
    socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', meeting: this.meeting, token: this.token, page: 'actor'.repeat(4) })))
    socket.on('message', (text) => this.#hear(JSON.parse(text)))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.welcomed = false
      this.#lost ??= performance.now()
      if (!this.#ended) setTimeout(() => this.#connect(), AGAIN_MS)
    })
  }

  #hear(message) {
    if (message.type === 'recorded' && message.number) this.acknowledged.set(message.number, message.event)
    if (message.type !== 'welcome') return
    this.welcomed = true
    if (this.#lost !== undefined) this.absences.push(Math.round(performance.now() - this.#lost))
    this.#lost = undefined
  }

  /** Each with a number of its own. */
  #act() {
    if (this.welcomed) this.#socket.send(JSON.stringify({ type: 'set_speaking_time', seconds: ++this.#sent }))
  }

  end() {
    this.#ended = true
    clearInterval(this.#acting)
    this.#socket.close()
  }

  /** `events`: the record, by number. */
  compare(events) {
    const lost = [...this.acknowledged].filter(([number, event]) => events.get(number) !== event).map(([number]) => number)
    const times = [...events.values()].map((event) => JSON.parse(event)).filter(({ act }) => act === 'set_speaking_time')
    const twice = times.map(({ seconds }) => seconds).filter((seconds, i, all) => all.indexOf(seconds) !== i)
    return { sent: this.#sent, acknowledged: this.acknowledged.size, lost, twice }
  }
}
