// What a delegation writes for itself, and notes between it and who presides: read by those, and by nobody
// else. In an encrypted meeting in groups of their own, in Chromium and Firefox; in others by the server.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const PEOPLE = [
  { name: 'Red', role: 'chair' },
  { name: 'Fox', role: 'delegate', seat: 'NOR' },
  { name: 'Blue', role: 'adviser', seat: 'NOR' },
  { name: 'Green', role: 'delegate', seat: 'FRA' },
]

/** Before the page's scripts: everything that comes and goes over WebSockets. */
function watchWire() {
  window.wire = []
  const { send } = WebSocket.prototype
  WebSocket.prototype.send = function (data) {
    window.wire.push(data)
    return send.call(this, data)
  }
  const { addEventListener } = WebSocket.prototype
  const heard = new WeakSet()
  WebSocket.prototype.addEventListener = function (...rest) {
    if (!heard.has(this)) {
      heard.add(this)
      addEventListener.call(this, 'message', ({ data }) => window.wire.push(data))
    }
    return addEventListener.apply(this, rest)
  }
}

const wire = (person) => person.page.evaluate(() => window.wire.join('\n'))

/** Writes to a circle, chosen as a person would. */
async function write(person, circle, text) {
  await person.panel('chat')
  await choose(person, circle)
  await person.say(text)
}

async function choose(person, circle) {
  const button = `[data-testid="chat-to-${circle}"]`
  if (await person.page.$(button)) await person.click(`chat-to-${circle}`)
  else await person.page.select('[data-testid=chat-to-more]', circle)
  await person.page.waitForSelector(`[data-testid=chat-panel][data-circle="${circle}"]`)
}

/** The texts that are shown in a circle. */
async function texts(person, circle) {
  await person.panel('chat')
  await choose(person, circle)
  return person.page.$$eval('[data-testid=chat-message] > p', (all) => all.map((p) => p.textContent))
}

async function reads(person, circle, expected) {
  await until(`${person.name} reads ${expected} in ${circle}`, 15_000, async () => {
    const saw = await texts(person, circle)
    return { ok: JSON.stringify(saw) === JSON.stringify(expected), saw }
  })
}

scene(
  'circles',
  async (s) => {
    s.meeting = await s.server.meeting(PEOPLE, { encryption: 'required' })
    const { links } = await s.server.invite(s.meeting.id)
    s.red = await Person.chromium({ name: 'Red', url: links.Red })
    s.fox = await Person.firefox({ name: 'Fox', url: links.Fox })
    s.blue = await Person.chromium({ name: 'Blue', url: links.Blue })
    s.people = [s.red, s.fox, s.blue]
    await s.red.page.evaluateOnNewDocument(watchWire)
    for (const person of s.people) await person.join()
    await until('all have keys', 15_000, async () => {
      const saw = await Promise.all(s.people.map(async (p) => (await p.encryption()).members.length))
      return { ok: saw.every((n) => n === 3), saw }
    })
  },
  {
    'a delegation reads what it writes for itself': async ({ fox, blue }) => {
      await write(fox, 'seat:NOR', 'Our line is no')
      await reads(blue, 'seat:NOR', ['Our line is no'])
      await write(blue, 'seat:NOR', 'Then let us say so')
      await reads(fox, 'seat:NOR', ['Our line is no', 'Then let us say so'])
      assert.deepEqual(await texts(fox, 'meeting'), [])
    },
    'and nobody else: not even that it is written': async ({ red }) => {
      const all = await wire(red)
      assert.match(all, /"group":"meeting"/) // what comes is seen
      assert.doesNotMatch(all, /Our line|say so|seat:NOR"/)
    },
    'a note of the chair reaches the delegation, and is marked until it is read': async ({ red, fox, blue }) => {
      await choose(fox, 'meeting')
      await write(red, 'note:NOR', 'A word with you')
      await fox.readsIn('chat-to-note:NOR', /1/)
      await reads(fox, 'note:NOR', ['A word with you'])
      await reads(blue, 'note:NOR', ['A word with you'])
      await write(fox, 'note:NOR', 'Gladly')
      await reads(red, 'note:NOR', ['A word with you', 'Gladly'])
      assert.doesNotMatch(await wire(red), /A word with you|Gladly/) // it is sealed
    },
    'who has nobody there is told so': async ({ red }) => {
      await choose(red, 'note:FRA')
      await red.readsIn('chat-alone', /Nobody of France is here/)
    },
    'half a text stays with those for whom it is': async ({ blue }) => {
      await choose(blue, 'seat:NOR')
      await blue.page.type('[data-testid=chat-input]', 'half')
      await choose(blue, 'meeting')
      const written = () => blue.page.$eval('[data-testid=chat-input]', (area) => area.value)
      assert.equal(await written(), '')
      await choose(blue, 'seat:NOR')
      assert.equal(await written(), 'half')
    },
    'a reload keeps what was written': async ({ red, blue }) => {
      await write(red, 'meeting', 'To everybody')
      await reads(blue, 'meeting', ['To everybody'])
      await blue.page.goto(blue.url.split('#')[0])
      await blue.enter()
      await reads(blue, 'seat:NOR', ['Our line is no', 'Then let us say so'])
      await reads(blue, 'note:NOR', ['A word with you', 'Gladly'])
      await reads(blue, 'meeting', ['To everybody'])
    },
    'and one is in again': async ({ fox, blue }) => {
      await until('Blue has keys', 15_000, async () => {
        const saw = await blue.encryption()
        return { ok: saw.members.length === 3, saw }
      })
      await write(fox, 'seat:NOR', 'Back again?')
      await reads(blue, 'seat:NOR', ['Our line is no', 'Then let us say so', 'Back again?'])
      await write(blue, 'seat:NOR', 'Back again.')
      await reads(fox, 'seat:NOR', ['Our line is no', 'Then let us say so', 'Back again?', 'Back again.'])
    },
  },
)

scene(
  'circles in clear',
  async (s) => {
    const { invitations } = await s.server.meeting(PEOPLE)
    s.red = await Person.chromium(invitations.Red)
    s.fox = await Person.chromium(invitations.Fox)
    s.green = await Person.chromium(invitations.Green)
    s.people = [s.red, s.fox, s.green]
    await s.green.page.evaluateOnNewDocument(watchWire)
    for (const person of s.people) await person.join()
  },
  {
    'a note goes to the delegation, and to nobody else': async ({ red, fox, green }) => {
      await write(red, 'note:NOR', 'A word with you')
      await reads(fox, 'note:NOR', ['A word with you'])
      await write(red, 'meeting', 'To everybody')
      await reads(green, 'meeting', ['To everybody'])
      assert.match(await wire(green), /To everybody/)
      assert.doesNotMatch(await wire(green), /A word with you/)
    },
    'who comes back reads it again': async ({ fox }) => {
      await fox.page.goto(fox.url.split('#')[0])
      await fox.enter()
      await reads(fox, 'note:NOR', ['A word with you'])
      await choose(fox, 'seat:NOR')
      await fox.readsIn('chat-alone', /Nobody else of Norway is here/)
    },
  },
)
