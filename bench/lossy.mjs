// Pictures and sounds of a meeting of which one is at the far end of a line that loses packets: what comes of them,
// and how they go on as sizes and sources change. For the bench and for the tests.
import { Between, frames } from '../tests/e2e/between.mjs'
import { closeAll } from '../tests/e2e/browsers.mjs'
import { Person } from '../tests/e2e/person.mjs'
import { until } from '../tests/e2e/until.mjs'
import { SERVER } from './line.mjs'
import { reading, span } from './page.mjs'

const SWITCH_MS = 1_500
const LARGE_LINES = 720
const SMALL_LINES = 180
/** A picture that has not moved for so long stands still. */
const STILL_MS = 20_000

/** What a decoder may still have of the picture that was in a slot before. */
const MOVED_FRAMES = 5

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** A meeting: Red (Chromium) at the far end of a bad line, Fox (Firefox) and Blue (Chromium) at the near one. */
export class Meeting {
  /** `server`: reached at SERVER. `plain`: not encrypted. */
  constructor(server, plain = false) {
    this.server = server
    this.plain = plain
  }

  async begin(line, loss) {
    const people = [
      { name: 'Red', role: 'delegate', seat: 'NOR' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
      { name: 'Blue', role: 'delegate', seat: 'FRA' },
    ]
    const links = await this.#invite(people)
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

  /** Links, by name. */
  async #invite(people) {
    const { id, invitations } = await this.server.meeting(people, { encryption: this.plain ? 'none' : 'required' })
    if (!this.plain) return (await this.server.invite(id)).links
    return Object.fromEntries(Object.values(invitations).map(({ name, url }) => [name, url]))
  }

  async end() {
    await closeAll()
    this.between?.stop()
    await this.server.stop()
  }
}

/** Some frames of somebody's picture are decoded, in whichever slot it is now: each has a count of its own. Gives
 * how long that took, in milliseconds. */
export async function moves(person, name) {
  const begun = Date.now()
  const first = new Map() // frames that were decoded in a slot when the picture was first seen to be in it
  await until(`${person.name} sees ${name} move`, STILL_MS, async () => {
    const saw = (await person.flows()).filter((f) => f.received && f.kind === 'video' && f.name === name)
    for (const { mid, frames } of saw) if (!first.has(mid)) first.set(mid, frames ?? 0)
    return { ok: saw.some(({ mid, frames }) => frames > first.get(mid) + MOVED_FRAMES), saw }
  })
  return Date.now() - begun
}

/** Frames that came for somebody and that were let through, in so long: for the worker, or, where there is none,
 * pictures for the decoder. */
async function counted({ plain }, person, ms) {
  if (!plain) return frames(person, 'as they are', { ms })
  const look = async () => {
    const pictures = (await person.flows()).filter((f) => f.received && f.kind === 'video')
    const sum = (key) => pictures.reduce((n, f) => n + (f[key] ?? 0), 0)
    return { in: sum('came'), out: sum('frames') }
  }
  const before = await look()
  await wait(ms)
  const after = await look()
  const pictures = { in: after.in - before.in, out: after.out - before.out }
  return { ...pictures, pictures, dropped: {} }
}

/** Frames that were never shown: one that comes a second time, as retransmissions may, is not among them. */
export const never = ({ came, out, dropped }) => Math.max(0, came - out - (dropped.replayed ?? 0))

/** Slots that the server gave to another, of all that it said to somebody from a message on. */
function changes({ between }, person, from) {
  return between.said.get(person.name).slice(from).flatMap((m) => (m.type === 'slots' ? m.slots : []))
}

/** What comes for the person in so long, and what is let through; and what is made of it. */
export async function steady(meeting, person, ms) {
  const from = meeting.between.said.get(person.name).length
  const before = await person.page.evaluate(reading)
  const { in: came, out, dropped } = await counted(meeting, person, ms)
  const after = await person.page.evaluate(reading)
  const changed = changes(meeting, person, from).length
  return { came, not_shown: never({ came, out, dropped }), changed, dropped, ...span(before, after) }
}

/** What the viewer wants from now on is what the function that this gives is told, and not what the page says: of
 * which height, and which of these people's pictures, by their places in the list. */
export function views({ between }, viewer, names) {
  const told = between.said.get(viewer.name).filter((m) => m.type === 'participant').map((m) => m.participant)
  const pictures = names.map((name) => told.findLast((p) => p.name === name).sources.find(({ kind }) => kind === 'camera').id)
  between.tapUp = (name, m) => (name === viewer.name && m.type === 'view' ? [] : [m])
  const tile = (height) => (i) => ({ source: pictures[i], width: (height * 16) / 9, height })
  return (height, ...which) => between.tell(viewer.name, { type: 'view', tiles: which.map(tile(height)) })
}

/** The viewer shows a picture large and small, in turn, and another size of it comes. */
export async function sizes(meeting, viewer, name, codec, times) {
  const view = views(meeting, viewer, [name, 'Blue'])
  const heights = []
  let longest = 0
  for (let i = 0; i < times; i++) {
    view(i % 2 ? LARGE_LINES : SMALL_LINES, 0, 1)
    const fits = i % 2 ? (height) => height > heights.at(-1) : (height) => height <= SMALL_LINES
    let height
    await viewer.receives({ [name]: codec }, (f) => fits((height = f.height)), 40_000)
    heights.push(height)
    longest = Math.max(longest, await moves(viewer, name))
  }
  meeting.between.tapUp = (_name, m) => [m]
  return { heights, still_ms: longest }
}

/** The viewer wants one of two pictures, in turn: the slot of the one becomes the other's. */
export async function sources(meeting, viewer, names, times) {
  const { between } = meeting
  const view = views(meeting, viewer, names)
  view(SMALL_LINES, 0)
  let longest = await moves(viewer, names[0])
  await wait(SWITCH_MS / 2)
  const from = between.said.get(viewer.name).length
  const counting = counted(meeting, viewer, times * SWITCH_MS + 2_000)
  for (let i = 1; i <= times; i++) {
    view(SMALL_LINES, i % 2)
    longest = Math.max(longest, await moves(viewer, names[i % 2]))
    await wait(SWITCH_MS / 2)
    longest = Math.max(longest, await moves(viewer, names[i % 2]))
  }
  const { in: came, out, pictures: seen, dropped } = await counting
  view(SMALL_LINES, 0, 1)
  between.tapUp = (_name, m) => [m]
  // Sounds change places as well, since sound and picture of the stage go together.
  const slots = changes(meeting, viewer, from)
  const pictured = slots.filter(({ kind }) => kind === 'camera').length
  const sounds = slots.filter(({ kind }) => kind === 'microphone').length
  const lost = Math.max(0, seen.in - seen.out)
  const sounds_lost = Math.max(0, never({ came, out, dropped }) - lost)
  return { views: times, pictured, sounds, came, pictures_lost: lost, sounds_lost, dropped, still_ms: longest }
}
