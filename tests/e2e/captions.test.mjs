// Captions that somebody types, in an encrypted meeting: read by others in both browsers as they grow, mended,
// unread by the server; and by nobody without the role.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const PEOPLE = [
  { name: 'Red', role: 'chair' },
  { name: 'Fox', role: 'delegate', seat: 'NOR' },
  { name: 'Cap', role: 'captioner', language: 'EN' },
  { name: 'Sous', role: 'captioner', language: 'FR' },
]

/** Before the page's scripts: what comes over WebSockets. */
function watchWire() {
  window.wire = []
  window.sockets = []
  const { addEventListener } = WebSocket.prototype
  const heard = new WeakSet()
  WebSocket.prototype.addEventListener = function (...rest) {
    if (!heard.has(this)) {
      heard.add(this)
      window.sockets.push(this)
      addEventListener.call(this, 'message', ({ data }) => window.wire.push(data))
    }
    return addEventListener.apply(this, rest)
  }
}

const texts = (person) => person.page.$$eval('[data-testid=caption]', (all) => all.map((p) => p.textContent.trim()))

async function reads(person, expected) {
  await until(`${person.name} reads ${expected}`, 15_000, async () => {
    const saw = await texts(person)
    return { ok: JSON.stringify(saw) === JSON.stringify(expected), saw }
  })
}

const type = (person, text) => person.page.type('[data-testid=caption-field]', text)

/** By the menu, as it is on phones too. */
async function choose(person, what) {
  await person.click('more')
  await person.click(`captions-${what}`)
}

scene(
  'captions',
  async (s) => {
    s.meeting = await s.server.meeting(PEOPLE, { encryption: 'required' })
    const { links } = await s.server.invite(s.meeting.id)
    s.links = links
    s.red = await Person.chromium({ name: 'Red', url: links.Red })
    s.fox = await Person.firefox({ name: 'Fox', url: links.Fox })
    s.cap = await Person.chromium({ name: 'Cap', url: links.Cap })
    s.people = [s.red, s.fox, s.cap]
    await s.red.page.evaluateOnNewDocument(watchWire)
    for (const person of s.people) await person.join()
    await until('all have keys', 15_000, async () => {
      const saw = await Promise.all(s.people.map(async (p) => (await p.encryption()).members.length))
      return { ok: saw.every((n) => n === 3), saw }
    })
  },
  {
    'nobody has them before they want them': async ({ red }) => {
      assert.equal(await red.page.$('[data-testid=captions]'), null)
    },
    'they are read as they are typed, in Chromium and Firefox': async ({ red, fox, cap }) => {
      await choose(red, 'EN')
      await choose(fox, 'EN')
      await red.see('captions-wait')
      await type(cap, 'Good morning')
      await reads(red, ['Good morning'])
      await reads(fox, ['Good morning'])
      assert.deepEqual(
        await red.page.$$eval('[data-testid=caption]', (all) => all.map((p) => p.dataset.done)),
        ['false'],
      )
      await cap.page.keyboard.press('Enter')
      await type(cap, 'The first item')
      await cap.page.keyboard.press('Enter')
      for (const reader of [red, fox]) await reads(reader, ['Good morning', 'The first item'])
    },
    'the last line is mended where it stands': async ({ red, fox, cap }) => {
      await cap.page.keyboard.press('ArrowUp')
      await type(cap, ' is energy')
      await cap.page.keyboard.press('Enter')
      for (const reader of [red, fox]) await reads(reader, ['Good morning', 'The first item is energy'])
    },
    'the server reads none of it': async ({ red }) => {
      const wire = await red.page.evaluate(() => window.wire.join('\n'))
      assert.match(wire, /"caption":true/)
      assert.doesNotMatch(wire, /Good morning|energy/)
    },
    'who has not the role is refused': async ({ red, fox }) => {
      await red.page.evaluate(() =>
        window.sockets
          .find((socket) => socket.readyState === 1)
          .send(JSON.stringify({ type: 'sealed', group: 'meeting', epoch: 0, message: 'AA', caption: true })),
      )
      await until('the refusal', 10_000, async () => {
        const saw = await red.page.evaluate(() => window.wire.filter((m) => m.includes('"type":"error"')))
        return { ok: saw.some((m) => m.includes('Only captioners type captions.')), saw }
      })
      await reads(fox, ['Good morning', 'The first item is energy'])
    },
    'another language is another channel': async (s) => {
      s.sous = await Person.chromium({ name: 'Sous', url: s.links.Sous })
      s.people.push(s.sous)
      await s.sous.join()
      await s.sous.see('caption-desk')
      await choose(s.fox, 'FR')
      await type(s.sous, 'Bonjour')
      await s.sous.click('caption-send')
      await reads(s.fox, ['Bonjour'])
      await reads(s.red, ['Good morning', 'The first item is energy'])
    },
    'the log is no live region, and can be reached by keys': async ({ red }) => {
      const area = await red.page.$eval('[data-testid=captions]', (e) => [e.getAttribute('role'), e.ariaLive, e.tabIndex])
      assert.deepEqual(area, ['log', 'off', 0])
    },
    'letters grow, and captions go, as one wants': async ({ red }) => {
      const height = () => red.page.$eval('[data-testid=captions]', (e) => parseFloat(getComputedStyle(e).fontSize))
      const before = await height()
      await choose(red, 'large')
      assert.ok((await height()) > before)
      await red.click('captions-toggle')
      assert.equal(await red.page.$('[data-testid=captions]'), null)
    },
  },
)
