// The server is replaced in mid-call: the peer connections are the same, without an ICE restart, pictures go on, and
// floor, open vote and texts are there.
import assert from 'node:assert/strict'
import { relayOnly, tcpOnly, uses } from './bent.mjs'
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { longestStill, watchStill } from './probe.mjs'
import { scene } from './scene.mjs'
import { startCopied, startServer } from './server.mjs'
import { until } from './until.mjs'

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
/** Generous, as browsers that share two cores stand still by themselves; script/chaos measures. */
const STILL_MS = 1_000

/** What would be another one, had the call been made anew. */
const calls = (person) =>
  person.page.evaluate(async () => {
    const live = window.connections.filter((c) => c.connectionState !== 'closed')
    const pairs = []
    for (const connection of live)
      for (const s of (await connection.getStats()).values())
        if (s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded') pairs.push(s.id)
    return {
      made: window.connections.length,
      states: live.map((c) => c.connectionState),
      ufrags: live.map((c) => /a=ice-ufrag:\S+/.exec(c.localDescription.sdp)[0]),
      pairs,
    }
  })

/** Frames of pictures that came, in all. */
const frames = (person) =>
  person.page.evaluate(async () => {
    let n = 0
    for (const c of window.connections)
      for (const s of (await c.getStats()).values()) if (s.type === 'inbound-rtp' && s.kind === 'video') n += s.framesDecoded ?? 0
    return n
  })

const sockets = (person) => person.page.evaluate(() => window.sockets.length)
const act = (person, message) => person.page.evaluate((text) => window.sockets.at(-1).send(text), JSON.stringify(message))
const decision = (person) => person.page.evaluate(() => window.decision)

/** The page keeps what it was told of the decision at hand. */
const watchDecision = (person) =>
  person.page.evaluate(() => {
    const hear = (socket) =>
      socket.addEventListener('message', ({ data }) => {
        const message = JSON.parse(data)
        if (message.type === 'decision') window.decision = message
      })
    const Plain = window.WebSocket
    window.sockets.forEach(hear)
    window.WebSocket = class extends Plain {
      constructor(...options) {
        super(...options)
        hear(this)
      }
    }
  })

async function handOver({ server, people }, done = () => {}) {
  const before = await Promise.all(people.map(calls))
  const had = await Promise.all(people.map(sockets))
  const shown = await Promise.all(people.map(frames))
  await server.upgrade()
  await done()
  await until('everybody is back', 10_000, async () => {
    const saw = await Promise.all(
      people.map(({ page }) => page.evaluate(() => [window.sockets.length, window.sockets.at(-1).readyState, window.welcome.media])),
    )
    return { ok: saw.every(([n, state, media], i) => n > had[i] && state === 1 && media === 'kept'), saw }
  })
  await until('pictures go on', 5_000, async () => {
    const saw = await Promise.all(people.map(frames))
    return { ok: saw.every((n, i) => n > shown[i] + 10), saw }
  })
  assert.deepEqual(await Promise.all(people.map(calls)), before)
}

scene(
  'upgrade',
  async (s) => {
    s.meeting = await s.server.meeting(
      [
        { name: 'Anna', role: 'chair' },
        { name: 'Blue', role: 'delegate', seat: 'FRA' },
        { name: 'Fox', role: 'delegate', seat: 'CAN' },
      ],
      {
        floor: 'chaired',
        prepared: [
          { act: 'put_item', item: 'i', title: 'One' },
          { act: 'put_decision', decision: 'd', item: 'i', title: 'T', texts: [{ language: 'EN', text: 'We decide.' }], rule: { procedure: 'simple' }, excluded: [] },
        ],
      },
    )
    const { invitations } = s.meeting
    s.anna = await Person.chromium(invitations.Anna, 'red')
    s.blue = await Person.chromium(invitations.Blue, 'blue')
    s.fox = await Person.firefox(invitations.Fox)
    s.people = [s.anna, s.blue, s.fox]
  },
  {
    'all come in, one has the floor, a decision is put': async ({ anna, blue, fox, people }) => {
      for (const person of people) await person.join()
      await anna.shows({ Blue: 'blue' }, 30_000)
      await fox.shows({ Anna: 'red', Blue: 'blue' }, 30_000)
      await anna.act('Blue', 'floor-give')
      await blue.reads(/You have the floor/)
      await watchDecision(anna)
      await act(anna, { type: 'call_decision', decision: 'd', version: 1 })
      await until('the decision is open', 10_000, async () => ({ ok: (await decision(anna))?.state === 'open', saw: await decision(anna) }))
      await anna.says(blue, 'before it')
    },
    'another server takes over, and nobody is called anew': async (s) => {
      for (const person of [s.anna, s.blue]) await person.page.evaluate(watchStill)
      await handOver(s)
      await after(1_000)
      for (const person of [s.anna, s.blue]) {
        const still = await person.page.evaluate(longestStill)
        console.log(`# ${person.name}: pictures stood still for ${still} ms at most`)
        assert.ok(still <= STILL_MS, `${still} ms`)
      }
    },
    'the floor and the decision are there, the floor is heard, and so is what was said': async ({ anna, blue, fox }) => {
      await blue.reads(/You have the floor/)
      assert.equal((await decision(anna)).state, 'open')
      await anna.hears({ Blue: CAST.blue.hz })
      await fox.shows({ Anna: 'red', Blue: 'blue' })
      await blue.says(anna, 'after it')
    },
    'and a second time, from a server that was handed over itself': async (s) => {
      await handOver(s)
      await s.anna.act('Blue', 'floor-take')
      await s.anna.hears({})
    },
    'a program that does not start changes nothing': async (s) => {
      const pid = s.server.pid
      await s.server.spoiled(async () => assert.rejects(s.server.upgrade(), /goes on as it was/))
      assert.equal(s.server.pid, pid)
      const shown = await Promise.all(s.people.map(frames))
      await until('pictures go on', 5_000, async () => {
        const saw = await Promise.all(s.people.map(frames))
        return { ok: saw.every((n, i) => n > shown[i] + 10), saw }
      })
      await s.anna.says(s.blue, 'still there')
    },
  },
  startCopied,
)

/** Who comes by ICE-TCP goes along; TURN in a connection of its own does not, and is made anew. */
scene(
  'upgrade, through TCP',
  async (s) => {
    await s.server.stop()
    s.server = await startServer('--turn', '0.0.0.0:0')
    const { invitations } = await s.server.meeting([
      { name: 'Udp', role: 'chair' },
      { name: 'Turn', role: 'delegate', seat: 'NOR' },
      { name: 'Tcp', role: 'delegate', seat: 'FRA' },
    ])
    s.udp = await Person.chromium(invitations.Udp, 'red')
    s.turn = await Person.chromium(invitations.Turn, 'green')
    s.tcp = await Person.chromium(invitations.Tcp, 'blue')
    s.everybody = [s.udp, s.turn, s.tcp]
    s.people = [s.udp, s.tcp]
    await s.turn.page.evaluateOnNewDocument(relayOnly)
    await s.tcp.page.evaluateOnNewDocument(tcpOnly)
  },
  {
    'all come in': async ({ everybody, udp, turn, tcp }) => {
      for (const person of everybody) await person.join()
      await uses(turn, { type: 'relay', relay: 'tcp' })
      await uses(tcp, { protocol: 'tcp' })
      await udp.shows({ Turn: 'green', Tcp: 'blue' }, 30_000)
    },
    'another server takes over: ICE-TCP goes on, TURN is back soon': async (s) => {
      const made = await s.turn.page.evaluate(() => window.connections.length)
      const began = Date.now()
      await handOver(s, async () => {
        await until('TURN is back', 10_000, async () => {
          const saw = await s.turn.page.evaluate(() => [window.connections.length, window.connections.at(-1).connectionState])
          return { ok: saw[0] > made && saw[1] === 'connected', saw }
        })
        console.log(`# TURN: connected again ${Date.now() - began} ms after the command`)
      })
      await uses(s.turn, { type: 'relay', relay: 'tcp' })
      await uses(s.tcp, { protocol: 'tcp' })
      await s.udp.shows({ Turn: 'green', Tcp: 'blue' })
      await s.turn.shows({ Udp: 'red', Tcp: 'blue' })
      await s.tcp.shows({ Udp: 'red', Turn: 'green' })
    },
  },
)

/** The groups of an encrypted meeting are the same ones. */
scene(
  'upgrade, encrypted',
  async (s) => {
    const people = ['Red', 'Blue', 'Late'].map((name) => ({ name, role: name === 'Red' ? 'chair' : 'delegate', ...(name !== 'Red' && { seat: 'FRA' }) }))
    const { id } = await s.server.meeting(people, { encryption: 'required', open: true })
    const { links } = await s.server.invite(id)
    const come = (name, colour) => Person.chromium({ name, url: links[name] }, colour)
    s.red = await come('Red', 'red')
    s.blue = await come('Blue', 'blue')
    s.late = await come('Late', 'green')
    s.people = [s.red, s.blue]
  },
  {
    'two come in': async ({ red, blue, people }) => {
      for (const person of people) await person.join()
      await red.shows({ Blue: 'blue' }, 30_000)
      await blue.shows({ Red: 'red' }, 30_000)
      await red.says(blue, 'before it')
    },
    'another server takes over, with the same keys': async (s) => {
      const { code } = await s.red.encryption()
      await handOver(s)
      await after(1_000)
      assert.equal((await s.red.encryption()).code, code)
      await s.red.shows({ Blue: 'blue' })
      await s.blue.shows({ Red: 'red' })
      await s.blue.says(s.red, 'after it')
    },
    'and one more is let in by those who were there': async ({ red, blue, late }) => {
      await late.join()
      await late.shows({ Red: 'red', Blue: 'blue' }, 30_000)
      await blue.shows({ Red: 'red', Late: 'green' }, 30_000)
      await late.says(red, 'I am here')
    },
  },
)
