// An encrypted meeting, its keys made by `parley invite`: Chromium and Firefox see and hear each other, and
// read what is written, by keys that the server does not have; who has no key is not let in.
import assert from 'node:assert/strict'
import { FIREFOX_HZ } from './browsers.mjs'
import { CAST, SCREEN } from './fakes.mjs'
import { Person } from './person.mjs'
import { heard } from './probe.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const CODE = /^(\d{5} ){5}\d{5}$/

/** The room code of each, once it is one and the same for all, and is not `before`. */
async function oneCode(people, before) {
  let code
  await until(`${people.map((p) => p.name)} have one room code`, 15_000, async () => {
    const saw = await Promise.all(people.map((p) => p.encryption()))
    code = saw[0].code
    const same = saw.every((s) => s.code === code && s.members.length === people.length)
    return { ok: same && CODE.test(code) && code !== before, saw }
  })
  return code
}

/** A link with another secret (2), or organiser (3). */
function changed(link, which) {
  const [page, fragment] = link.split('#')
  return `${page}#${fragment.split('.').map((part, i) => (i === which ? 'A'.repeat(43) : part)).join('.')}`
}

/** Everything that the page was told by the server, and told it, as text. */
const wire = (person) => person.page.evaluate(() => window.wire.join('\n'))

/** In the page: all that the tab keeps for a reload, as text, and the keys that the browser keeps. */
async function stores() {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open('parley-keys')
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  const rows = await new Promise((resolve) => {
    const request = database.transaction('keys').objectStore('keys').getAll()
    request.onsuccess = () => resolve(request.result)
  })
  database.close()
  const stored = rows.map(({ privateKey, sealing }) => {
    const { extractable, usages } = privateKey ?? sealing
    return { extractable, usages: [...usages] }
  })
  return { kept: JSON.stringify({ ...sessionStorage }), stored }
}

const PREPARED = [
  { act: 'put_item', item: 'i', title: 'One' },
  {
    act: 'put_decision',
    decision: 'd',
    item: 'i',
    title: 'A text',
    texts: [{ language: 'EN', text: 'We decide.' }],
    rule: { procedure: 'simple' },
    excluded: [],
  },
]

/** Before the page's scripts, and before those of watchConnections wrap it: what goes over WebSockets. */
function watchWire() {
  window.wire = []
  const { send } = WebSocket.prototype
  WebSocket.prototype.send = function (data) {
    window.wire.push(data)
    return send.call(this, data)
  }
}

scene(
  'encrypted',
  async (s) => {
    const people = [
      { name: 'Red', role: 'chair' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
      { name: 'Blue', role: 'delegate', seat: 'FRA' },
    ]
    s.meeting = await s.server.meeting(people, { encryption: 'required', prepared: PREPARED })
    s.unsigned = s.meeting.invitations.Red
    s.red = await Person.chromium(s.unsigned, 'red')
    s.people = [s.red]
  },
  {
    'a link without keys is told to be incomplete': async ({ red }) => {
      await red.open()
      await red.problem('no_keys')
    },
    'nobody comes in before the organiser has signed': async ({ red }) => {
      const text = 'A'.repeat(43)
      red.url += `.${text}.${text}`
      await red.page.goto('about:blank')
      await red.open()
      await red.problem('not_signed')
    },
    'the organiser signs, and makes the links': async (s) => {
      const { links, organiser } = await s.server.invite(s.meeting.id)
      s.links = links
      s.organiser = organiser
      assert.deepEqual(Object.keys(links), ['Red', 'Fox', 'Blue'])
    },
    'who has another secret is not let in': async ({ red, links }) => {
      red.url = changed(links.Red, 2)
      await red.page.goto('about:blank')
      await red.open()
      await red.problem('not_listed')
    },
    'nor is anybody by the list of another organiser': async ({ red, links }) => {
      red.url = changed(links.Red, 3)
      await red.page.goto('about:blank')
      await red.open()
      await red.problem('bad_list')
    },
    'Chromium and Firefox come in': async (s) => {
      const { red, links } = s
      s.fox = await Person.firefox({ name: 'Fox', url: links.Fox })
      s.people.push(s.fox)
      await red.page.evaluateOnNewDocument(watchWire)
      red.url = links.Red
      await red.page.goto('about:blank')
      await red.join()
      await s.fox.join()
      assert.equal(await red.page.evaluate(() => location.hash), '')
    },
    'and see and hear each other': async ({ red, fox }) => {
      await fox.shows({ Red: 'red' })
      await red.receives({ Fox: 'VP8' })
      await until("Red sees Fox's own colour", 20_000, async () => {
        const [there, here] = await Promise.all([red.tile('Fox'), fox.tile('Fox')])
        const distance = there?.rgb && here?.rgb && Math.max(...there.rgb.map((v, i) => Math.abs(v - here.rgb[i])))
        return { ok: distance <= 60, saw: { there, here } }
      })
      await red.hears({ Fox: FIREFOX_HZ })
      const before = await fox.energy()
      await until('sound energy grows in Firefox', 10_000, async () => {
        const saw = (await fox.energy()) - before
        return { ok: saw > 0.005, saw }
      })
    },
    "they have one room code, and the organiser's fingerprint": async (s) => {
      s.code = await oneCode([s.red, s.fox])
      for (const person of [s.red, s.fox]) assert.equal((await person.encryption()).fingerprint, s.organiser)
    },
    'what is written arrives, and the server does not read it': async (s) => {
      await s.red.say('A secret of two')
      await s.fox.panel('chat')
      await s.fox.reads(/A secret of two/)
      await s.fox.say('An answer')
      await s.red.reads(/An answer/)
      const sent = await wire(s.red)
      assert.match(sent, /"type":"sealed"/)
      assert.doesNotMatch(sent, /secret of two/)
    },
    'the secret goes nowhere': async ({ red, links }) => {
      const secret = links.Red.split('#')[1].split('.')[2]
      assert.ok(!(await wire(red)).includes(secret))
    },
    'who comes late sees and hears all, and is seen and heard': async (s) => {
      s.blue = await Person.chromium({ name: 'Blue', url: s.links.Blue }, 'blue')
      s.people.push(s.blue)
      await s.blue.join()
      await s.blue.shows({ Red: 'red' })
      await s.blue.receives({ Fox: 'VP8' })
      await s.red.shows({ Blue: 'blue' })
      await s.fox.shows({ Red: 'red', Blue: 'blue' })
      await s.blue.hears({ Red: CAST.red.hz, Fox: FIREFOX_HZ })
      await s.red.hears({ Blue: CAST.blue.hz, Fox: FIREFOX_HZ })
      s.code = await oneCode([s.red, s.fox, s.blue], s.code)
    },
    'a vote needs a signature, and both browsers give it': async ({ red, fox, blue }) => {
      const call = { type: 'call_decision', decision: 'd', version: 1 }
      await red.page.evaluate((text) => window.sockets.at(-1).send(text), JSON.stringify(call))
      for (const person of [fox, blue]) {
        await person.tab('desk')
        await person.click('vote-yes')
        await person.see('own-vote')
      }
      const bare = { type: 'vote', decision: 'd', version: 1, choice: 'no' }
      const told = await blue.page.evaluate(
        (text) =>
          new Promise((resolve) => {
            const socket = window.sockets.at(-1)
            socket.addEventListener('message', ({ data }) => data.includes('"error"') && resolve(JSON.parse(data)))
            socket.send(text)
          }),
        JSON.stringify(bare),
      )
      assert.deepEqual([told.of, told.field], ['vote', 'signature'])
    },
    'a connection that is lost comes back, with everything': async (s) => {
      await s.red.page.evaluate(() => window.sockets.at(-1).close())
      await s.red.says(s.blue, 'Still here')
      await s.red.shows({ Blue: 'blue' })
      await s.blue.shows({ Red: 'red' })
      await s.blue.hears({ Red: CAST.red.hz, Fox: FIREFOX_HZ })
    },
    'a page that is loaded anew comes back by what its tab kept': async (s) => {
      const { blue, red } = s
      const { kept, stored } = await blue.page.evaluate(stores)
      const [, , secret] = blue.url.split('#')[1].split('.')
      assert.ok(kept.includes('token') && !kept.includes(secret), kept)
      assert.ok(kept.includes('parley:chat') && !kept.includes('Still here'), kept)
      assert.deepEqual(stored, [
        { extractable: false, usages: ['encrypt', 'decrypt'] }, // what was written is sealed by it
        { extractable: false, usages: ['sign'] },
      ])
      await blue.page.goto(blue.url.split('#')[0])
      await blue.enter()
      await blue.panel('chat')
      await blue.reads(/Still here/)
      await red.shows({ Blue: 'blue' })
      await blue.shows({ Red: 'red' })
      await blue.hears({ Red: CAST.red.hz, Fox: FIREFOX_HZ })
      s.code = await oneCode([s.red, s.fox, s.blue], s.code)
    },
    'a shared screen comes, with its sound': async ({ red, fox, blue }) => {
      await red.click('screen')
      for (const person of [fox, blue]) await person.seesScreen(true)
      await until('Blue hears the screen', 15_000, async () => {
        const saw = (await blue.page.evaluate(heard)).map(({ hz }) => hz)
        return { ok: saw.some((hz) => Math.abs(hz - SCREEN.hz) < 60), saw }
      })
      await red.click('screen-stop')
      for (const person of [fox, blue]) await person.seesScreen(false)
    },
    'one leaves, and the code is another': async (s) => {
      await s.blue.leave()
      await s.red.misses('Blue')
      s.code = await oneCode([s.red, s.fox], s.code)
      await s.fox.shows({ Red: 'red' })
      await s.red.hears({ Fox: FIREFOX_HZ })
    },
    'the chair locks it, and lets in who comes': async (s) => {
      await s.red.encryption()
      await s.red.click('lock')
      await s.fox.encryption()
      await s.fox.see('locked')
      await s.blue.page.goto(s.links.Blue)
      await s.blue.enter()
      await s.red.see('key-outsiders')
      await s.blue.shows({ Red: null })
      await s.red.shows({ Blue: null })
      assert.equal(await s.red.doubt('Blue'), 'Not in the encryption')
      await s.red.click('let-in')
      await s.red.shows({ Blue: 'blue' })
      await s.blue.shows({ Red: 'red' })
    },
    'another encrypted meeting in the same tabs has other keys': async (s) => {
      const people = [
        { name: 'Red', role: 'chair' },
        { name: 'Blue', role: 'delegate', seat: 'FRA' },
      ]
      const { id } = await s.server.meeting(people, { encryption: 'required' })
      const { links } = await s.server.invite(id)
      const before = await oneCode([s.red, s.fox, s.blue])
      for (const person of [s.red, s.blue]) {
        await person.page.goto(links[person.name])
        await person.enter()
      }
      await s.red.shows({ Blue: 'blue' })
      await s.blue.shows({ Red: 'red' })
      await s.blue.hears({ Red: CAST.red.hz })
      await oneCode([s.red, s.blue], before)
      await oneCode([s.fox], before)
    },
    'a server that says it is not encrypted is not believed': async ({ blue, links }) => {
      await blue.leave()
      await blue.page.setRequestInterception(true)
      blue.page.on('request', async (request) => {
        if (!request.url().endsWith('/invitation')) return request.continue()
        const answer = await fetch(request.url(), { headers: request.headers() })
        const body = (await answer.text()).replace('"required"', '"none"')
        await request.respond({ status: answer.status, contentType: 'application/json', body })
      })
      blue.url = links.Blue
      await blue.page.goto('about:blank')
      await blue.open()
      await blue.problem('not_encrypted')
    },
  },
)
