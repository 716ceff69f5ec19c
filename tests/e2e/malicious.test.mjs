// A server that lies (between.mjs), against Chromium and Firefox in an encrypted meeting: whatever it does is
// refused or shown, nobody is shown under another's name, and nothing goes out readable.
import assert from 'node:assert/strict'
import { Between, frames } from './between.mjs'
import { FIREFOX_HZ } from './browsers.mjs'
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const HONEST = (_name, message) => [message]
/** Frames after which it is judged what became of them: a second or two of sound and pictures. */
const FRAMES = 100
const MISMATCH = 'The key does not match'

/** Waits until the person's panel tells of this. */
async function tells(person, pattern) {
  await until(`${person.name} is told ${pattern}`, 15_000, async () => {
    const saw = await person.encryption()
    return { ok: saw.troubles.some((text) => pattern.test(text)), saw }
  })
}

/** Waits until these, and nobody else, have one room code. */
async function agree(...people) {
  await until(`${people.map((p) => p.name)} have one room code`, 30_000, async () => {
    const saw = await Promise.all(people.map((p) => p.encryption()))
    return { ok: saw.every((s) => s.code && s.code === saw[0].code && s.members.length === people.length), saw }
  })
}

/** How many commits Red made. */
const commits = ({ between }) => between.told.get('Red').filter((m) => m.type === 'commit').length

/** They see each other, as before. */
async function together({ red, fox }) {
  await agree(red, fox)
  await fox.shows({ Red: 'red' })
  await red.receives({ Fox: 'VP8' }, (f) => f.frames > 0)
  await red.hears({ Fox: FIREFOX_HZ })
}

/** The chair locks the meeting, or opens it again: one commit. */
async function turnLock({ red }) {
  await red.encryption()
  await red.click('lock')
}

/** What the tile of somebody says of their key. */
async function doubts(person, name, expected) {
  await until(`${person.name}'s tile of ${name} says ${expected}`, 10_000, async () => {
    const saw = await person.doubt(name)
    return { ok: saw === expected, saw }
  })
}

/** What came of somebody's picture in this time, once it has a slot; of whom the slot was before does not count. */
async function picture(person, name, ms) {
  const look = async () => (await person.flows()).find((f) => f.received && f.kind === 'video' && f.name === name)
  await until(`${person.name} is sent ${name}'s picture`, 15_000, async () => ({ ok: (await look())?.packets > 0 }))
  const before = await look()
  await new Promise((resolve) => setTimeout(resolve, ms))
  const after = await look()
  return { packets: after.packets - before.packets, frames: (after.frames ?? 0) - (before.frames ?? 0) }
}

const slotsOf = async (person) => [...(await person.page.evaluate(() => [...window.slots.values()]))]

/** Every message of the server's to one of them in which a commit is. */
const isCommit = (name) => (to, m) => to === name && m.type === 'handshake'

function altered(text) {
  const bytes = Buffer.from(text, 'base64url')
  bytes[bytes.length - 20] ^= 1
  return bytes.toString('base64url')
}

scene(
  'a malicious server',
  async (s) => {
    const people = [
      { name: 'Red', role: 'chair' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
      { name: 'Blue', role: 'delegate', seat: 'FRA' },
    ]
    s.meeting = await s.server.meeting(people, { encryption: 'required' })
    await s.server.invite(s.meeting.id)
    s.olderList = await s.server.api('GET', `/api/meetings/${s.meeting.id}/manifest`)
    const { links } = await s.server.invite(s.meeting.id)
    s.between = await Between.start(s.server)
    const at = (name) => ({ name, url: s.between.link(name, links[name]) })
    s.red = await Person.chromium(at('Red'), 'red')
    s.fox = await Person.firefox(at('Fox'))
    s.blue = await Person.chromium(at('Blue'), 'blue')
    s.people = [s.red, s.fox, s.blue]
  },
  {
    'says that it is not encrypted: nobody comes in, and nothing is sent': async ({ red, between }) => {
      between.tap = (_name, m) => [m.type === 'welcome' ? { ...m, meeting: { ...m.meeting, encryption: 'none' } } : m]
      await red.open()
      await red.see('join-page')
      await red.click('join')
      await red.problem('not_encrypted')
      assert.deepEqual(between.told.get('Red').map((m) => m.type).filter((type) => !['hello', 'ping'].includes(type)), [])
    },
    'gives an older list of participants to who comes': async ({ red, between, olderList }) => {
      between.tap = HONEST
      between.answer = (path) => (path.endsWith('/manifest') ? JSON.stringify(olderList) : undefined)
      await red.page.goto('about:blank')
      await red.open()
      await red.problem('bad_list')
    },
    'keeps to the rules for a while': async (s) => {
      s.between.answer = () => undefined
      await s.red.page.goto('about:blank')
      await s.red.join()
      await s.fox.join()
      await together(s)
    },
    'gives an older list to who is in': async (s) => {
      for (const person of [s.red, s.fox]) {
        s.between.say(person.name, { type: 'manifest', ...s.olderList })
        await tells(person, /older list of participants/)
      }
      await together(s)
    },
    "sends one's picture and sound for another's": async (s) => {
      await s.blue.join()
      for (const person of [s.red, s.fox]) {
        const [one, other] = person === s.red ? ['Fox', 'Blue'] : ['Red', 'Blue']
        await person.receives({ [one]: 'VP8', [other]: 'VP8' }, (f) => f.frames > 0)
        const true_ = (await slotsOf(person)).filter((slot) => slot.participant)
        const owners = new Map(true_.map((slot) => [slot.participant, slot]))
        const [a, b] = [...owners.keys()]
        const lies = true_.map((slot) => {
          const is = slot.participant === a ? b : a
          const { source } = true_.find((x) => x.participant === is && x.kind === slot.kind)
          return { ...slot, participant: is, source }
        })
        s.between.say(person.name, { type: 'slots', slots: lies })
        await person.shows({ [one]: null, [other]: null })
        for (const name of [one, other]) await doubts(person, name, MISMATCH)
        if (person === s.red) await person.hears({})
        s.between.say(person.name, { type: 'slots', slots: true_ })
        await person.shows(person === s.red ? { Blue: 'blue' } : { Red: 'red', Blue: 'blue' })
        for (const name of [one, other]) await doubts(person, name, undefined)
      }
      await s.red.hears({ Fox: FIREFOX_HZ, Blue: CAST.blue.hz })
    },
    'sends frames again, or altered: none is shown': async (s) => {
      for (const person of [s.red, s.fox]) {
        for (const mode of ['replayed', 'altered']) assert.equal((await frames(person, mode, { enough: FRAMES })).out, 0, mode)
        assert.ok((await frames(person, 'as they are', { enough: FRAMES })).out > FRAMES / 2)
        await person.shows({ Blue: 'blue' })
      }
    },
    'adds a device by a key package that was used': async (s) => {
      const { between, blue, red } = s
      const work = between.said.get('Red').findLast((m) => m.type === 'group_work' && m.add.length > 0)
      s.welcome = between.last('Blue', 'group_welcome')
      await blue.leave()
      await agree(red, s.fox)
      const epoch = between.last('Red', 'handshake').epoch + 1
      const before = commits(s)
      between.say('Red', { ...work, epoch, remove: [] })
      await tells(red, /a key that was used before/)
      assert.equal(commits(s), before)
      await together(s)
    },
    "adds a device under another's name": async (s) => {
      const { between, blue, red } = s
      let held
      between.tapUp = (name, m) => {
        if (name !== 'Blue' || m.type !== 'key_package') return [m]
        held = m
        return []
      }
      await blue.page.goto('about:blank')
      await blue.join()
      await until('Blue offers a key package', 5_000, async () => ({ ok: held !== undefined }))
      const before = commits(s)
      const epoch = between.last('Red', 'handshake').epoch + 1
      between.say('Red', { type: 'group_work', group: held.group, epoch, add: [{ participant: 'p9', package: held.package }], remove: [] })
      await tells(red, /not on the list of participants was to be added/)
      assert.equal(commits(s), before)
      await red.shows({ Blue: null })
      between.tapUp = HONEST
    },
    'hands over a welcome of before, and frames that nobody sealed': async (s) => {
      const { between, blue, red, fox } = s
      between.tap = (name, m) => (name === 'Blue' && m.type === 'group_welcome' ? [s.welcome, m] : [m])
      between.mode = 'unsealed'
      await blue.page.goto('about:blank')
      await blue.join()
      await tells(blue, /Somebody in the meeting, or your welcome to it, does not hold/)
      await agree(red, fox, blue)
      await blue.shows({ Red: 'red' })
      between.mode = 'as they are'
      between.tap = HONEST
      for (const person of [red, fox]) {
        const { packets, frames } = await picture(person, 'Blue', 2_000)
        assert.ok(packets > 0)
        assert.equal(frames, 0)
        await person.shows({ Blue: null })
      }
      await red.hears({ Fox: FIREFOX_HZ })
      await blue.leave()
      await together(s)
    },
    'withholds a commit': async (s) => {
      let withheld = 0
      s.between.tap = (to, m) => (isCommit('Fox')(to, m) && withheld++ === 0 ? [] : [m])
      await turnLock(s)
      await until('a commit is withheld', 5_000, async () => ({ ok: withheld > 0 }))
      await together(s)
      s.between.tap = HONEST
    },
    'hands over commits in another order, several times, and altered': async (s) => {
      const held = []
      s.between.tapUp = (from, m) => (from === 'Fox' && m.type === 'group_resync' ? [] : [m])
      s.between.tap = (to, m) => {
        if (to === 'Fox' && m.type === 'group_state' && held.length < 2) return []
        if (!isCommit('Fox')(to, m)) return [m]
        held.push(m)
        const [first] = held
        return held.length < 2 ? [] : held.length === 2 ? [m, { ...first, commit: altered(first.commit) }, first, m, first] : [m]
      }
      const { code } = await s.red.encryption()
      for (let i = 0; i < 2; i++) {
        const { code: before } = await s.red.encryption()
        await turnLock(s)
        await until('Red goes on', 5_000, async () => ({ ok: (await s.red.encryption()).code !== before }))
      }
      await tells(s.fox, /does not hold/)
      await together(s)
      assert.notEqual((await s.red.encryption()).code, code)
      s.between.tap = s.between.tapUp = HONEST
    },
    'gives two commits of one epoch: their codes differ, and nothing is shown': async (s) => {
      // Red's commit goes to Firefox alone; Red is told that another one was first, and makes another. One that
      // removes somebody has new secrets each time.
      const { red, fox, blue } = s
      await turnLock(s) // open again
      await blue.page.goto('about:blank')
      await blue.join()
      await agree(red, fox, blue)
      let taken
      s.between.tapUp = (name, m) => {
        if (name !== 'Red' || m.type !== 'commit' || taken) return [m]
        taken = m
        const { epoch, commit } = m
        s.between.say('Fox', { type: 'handshake', group: m.group, sequence: 1, epoch, by: '', commit, removed: [] })
        s.between.say('Red', { type: 'commit_refused', group: m.group, epoch })
        return []
      }
      await blue.leave()
      await until('both go on, with two codes', 10_000, async () => {
        const saw = [await red.encryption(), await fox.encryption()]
        return { ok: taken && saw.every(({ members }) => members.length === 2) && saw[0].code !== saw[1].code, saw }
      })
      await until('Fox opens nothing', 15_000, async () => {
        const saw = await frames(fox, 'as they are', { enough: FRAMES })
        return { ok: saw.out === 0, saw }
      })
      s.between.tapUp = HONEST
      await turnLock(s)
      await tells(fox, /cannot follow the encryption any more/)
      await turnLock(s)
      await together(s) // Firefox came in anew, which nobody can while it is locked
    },
    'never got anything to read': async ({ between, red, fox }) => {
      await red.say('A secret of two')
      await fox.panel('chat')
      await fox.reads(/A secret of two/)
      const told = JSON.stringify([...between.told])
      assert.match(told, /"type":"sealed"/)
      assert.doesNotMatch(told, /"type":"chat"|secret of two/)
    },
  },
)
