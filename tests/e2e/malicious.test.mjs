// A server that lies (between.mjs), against Chromium and Firefox in an encrypted meeting: whatever it does is
// refused or shown, nobody is shown under another's name, and nothing goes out readable.
import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { Between, frames } from './between.mjs'
import { FIREFOX_HZ } from './browsers.mjs'
import { CAST } from './fakes.mjs'
import { intrude, packageOf } from './outsider.mjs'
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

const PREPARED = [
  { act: 'put_item', item: 'i', title: 'One' },
  { act: 'put_decision', decision: 'd', item: 'i', title: 'A text', texts: [{ language: 'EN', text: 'We decide.' }], rule: { procedure: 'simple' }, excluded: [] },
]

/** Red puts a paper: the record grows, and is signed at once. */
async function grow(between, title) {
  const before = between.last('Fox', 'checkpoint').size
  between.tell('Red', { type: 'put_paper', paper: 'o', item: 'i', title, questions: [{ question: 'q', text: 'Cost?' }] })
  await until('the record grows', 10_000, async () => ({ ok: between.last('Fox', 'checkpoint').size > before }))
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

/** The plate of somebody in the list of people: name, and seat and role. */
function plate(person, id) {
  return person.page.evaluate((id) => {
    const tile = document.querySelector(`[data-testid=tile][data-participant="${id}"]`)
    return tile?.getAttribute('aria-label')
  }, id)
}

/** What the list of people says of somebody. */
async function listed(person, name) {
  await person.panel('people')
  return person.page.evaluate((name) => {
    const rows = [...document.querySelectorAll('[data-testid=person]')].filter((row) => row.innerText.includes(name))
    return rows.map((row) => row.innerText.replace(/\s+/g, ' ').trim()).join('; ')
  }, name)
}

const slotsOf = async (person) => [...(await person.page.evaluate(() => [...window.slots.values()]))]

/** What the server says that the slots show, by all that it said. */
function trueSlots(between, { name }) {
  const all = between.said.get(name).filter((m) => m.type === 'slots').flatMap((m) => m.slots)
  return [...new Map(all.map((slot) => [slot.mid, slot])).values()]
}

/** What an organiser whom nobody knows signs. */
async function generateOrganiser() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = publicKey.export({ format: 'jwk' }).x
  return async (manifest) => ({
    manifest,
    key,
    signature: sign(null, Buffer.from(`parley manifest v1\n${manifest}`), privateKey).toString('base64url'),
  })
}

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
    s.meeting = await s.server.meeting(people, { encryption: 'required', prepared: PREPARED })
    await s.server.invite(s.meeting.id)
    s.olderList = await s.server.api('GET', `/api/meetings/${s.meeting.id}/manifest`)
    const { links } = await s.server.invite(s.meeting.id)
    s.links = links
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
    'says that somebody sits and presides whom nobody signed so: their names, seats and roles stay those that were signed': async (s) => {
      const { between } = s
      for (const [person, other] of [[s.red, s.fox], [s.fox, s.red]]) {
        const told = between.said.get(person.name).findLast((m) => m.type === 'participant' && m.participant.name === other.name).participant
        const before = [await plate(person, told.id), await listed(person, other.name)]
        const forged = { name: 'The Chair', role: 'secretary', seat: 'FRA', seat_name: 'France', country: 'FR', hand: true }
        between.say(person.name, { type: 'participant', participant: { ...told, ...forged } })
        await person.see('person-hand') // so that it was heard
        assert.deepEqual([await plate(person, told.id), await listed(person, other.name)], before)
        assert.doesNotMatch(await person.text(), /The Chair|France/)
        between.say(person.name, { type: 'participant', participant: told })
      }
      await together(s)
    },
    'tells of somebody who is not there, and gives them a picture: they are shown to have no key, and nothing is shown': async (s) => {
      const { between } = s
      const phantom = { id: 'p9', name: 'Phantom', role: 'delegate', seat: 'FRA', seat_name: 'France', country: 'FR', place: 'room', floor: false, hand: false }
      for (const [person, other] of [[s.red, s.fox], [s.fox, s.red]]) {
        const told = between.said.get(person.name).findLast((m) => m.type === 'participant' && m.participant.name === other.name).participant
        const sources = told.sources.map((source) => ({ ...source, source: source.source + 9_000 }))
        between.say(person.name, { type: 'participant', participant: { ...told, ...phantom, sources } })
        await doubts(person, 'Phantom', 'Not in the encryption')
        assert.match(await listed(person, 'Phantom'), /Not in the encryption/)
        assert.ok(!(await person.encryption()).members.some((text) => text.includes('Phantom')))
        const true_ = (await slotsOf(person)).filter((slot) => slot.participant)
        const lies = true_.map((slot) => ({ ...slot, participant: 'p9', source: slot.source + 9_000 }))
        between.say(person.name, { type: 'slots', slots: lies })
        await person.shows({ Phantom: null, [other.name]: null })
        if (person === s.red) await person.hears({})
        between.say(person.name, { type: 'gone', participant: 'p9' })
        await person.misses('Phantom')
        between.say(person.name, { type: 'slots', slots: trueSlots(between, person) })
        await person.receives({ [other.name]: 'VP8' }, (f) => f.frames > 0)
        await until(`${person.name} sees ${other.name} again`, 10_000, async () => ({ ok: (await person.tile(other.name))?.rgb }))
      }
      await together(s)
    },
    'makes up a list of participants with a seat more, and signs it itself': async (s) => {
      const { between, meeting } = s
      const list = await s.server.api('GET', `/api/meetings/${meeting.id}/manifest`)
      const read = JSON.parse(list.manifest)
      const forged = { ...read, version: read.version + 1, seats: [...read.seats, { id: 'XXX', name: 'Nowhere' }] }
      forged.people = [...read.people, { person: 'p4', name: 'Nobody', role: 'delegate', seat: 'XXX', key: 'A'.repeat(43) }]
      const own = await generateOrganiser()
      for (const person of [s.red, s.fox]) {
        between.say(person.name, { type: 'manifest', ...list, manifest: JSON.stringify(forged) })
        await tells(person, /does not bear its signature/)
        between.say(person.name, { type: 'manifest', ...(await own(JSON.stringify(forged))), signed_by: 'organiser' })
        await tells(person, /signed by another organiser/)
        between.say(person.name, { type: 'manifest', ...list, manifest: JSON.stringify(forged), signed_by: 'p1' })
        await tells(person, /may not sign it without the organiser's own/)
        assert.doesNotMatch(await person.text(), /Nobody|Nowhere/)
      }
      await together(s)
    },
    'adds a device of a person on the list, and of another seat, to a note that is not theirs': async (s) => {
      const { between, fox, red, meeting, links } = s
      const group = 'note:CAN'
      const from = (name, type) => between.told.get(name).filter((m) => m.type === type && m.group === group)
      await fox.panel('chat')
      await fox.click(`chat-to-${group}`)
      await fox.page.type('[data-testid=chat-input]', 'Ours alone')
      await fox.click('chat-send')
      await red.panel('chat')
      await until('Red is in the group of the note', 10_000, async () => ({ ok: from('Fox', 'sealed').length > 0 && from('Red', 'group_ack').length > 0 }))
      const { id } = from('Fox', 'group_create').at(-1)
      const before = from('Fox', 'commit').length
      const offer = await packageOf(meeting.id, id, { person: 'p3', device: 'p3', link: links.Blue })
      between.say('Fox', { type: 'group_work', group, epoch: before, add: [{ participant: 'p3', package: offer.package }], remove: [] })
      await tells(fox, /let into a delegation's talk, or a note to it, that is not theirs/)
      assert.equal(from('Fox', 'commit').length, before)
      // Nor does a browser take part where it has no part, whatever it is told.
      between.say('Red', { type: 'group', group: 'seat:CAN', id, epoch: 0, member: false, committer: false })
      await tells(red, /a group that is not yours/)
      assert.ok(!between.told.get('Red').some((m) => m.group === 'seat:CAN'))
      await fox.panel('chat')
      await fox.click('chat-to-meeting')
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
    'hands the state of the group to an outsider, who makes a place of it: nobody follows': async (s) => {
      const { between, red, fox, meeting, links } = s
      const { id } = between.told.get('Red').find((m) => m.type === 'group_create' && m.group === 'meeting') ?? {}
      const group = id ?? between.last('Red', 'group').id
      const outsiders = [
        ['nobody on the list', { person: 'p9', device: 'p9' }],
        ['who claims to be on it', { person: 'p3', device: 'p3' }],
        ['who is on it, and was not let in', { person: 'p3', device: 'p3', link: links.Blue }],
        ['of a person who is in, with another device', { person: 'p2', device: 'p2.1', link: links.Fox }],
      ]
      for (const [i, [who, outsider]] of outsiders.entries()) {
        const [person, place] = i % 2 === 0 ? [red, 'p2'] : [fox, 'p1']
        await agree(red, fox)
        const last = [...between.told].flatMap(([, all]) => all).filter((m) => m.type === 'commit' && m.group === 'meeting').sort((a, b) => a.epoch - b.epoch).at(-1)
        const made = await intrude(last.group_info, await packageOf(meeting.id, group, outsider), place)
        assert.equal(made.members, 2, who)
        const commit = { type: 'handshake', group: 'meeting', sequence: 1, epoch: made.epoch - 1, by: outsider.device, commit: made.commit, removed: [] }
        const told = between.told.get(person.name)
        const from = told.length
        between.say(person.name, commit)
        await tells(person, /without being let in|at another's place|does not hold/)
        // It has no keys of that epoch: it comes in anew by a package, and says so of none before.
        const after = () => told.slice(from).filter((m) => m.group === 'meeting' && ['key_package', 'group_ack'].includes(m.type)).map((m) => m.type)
        await until(`${person.name} did not follow ${who}`, 15_000, async () => ({ ok: after()[0] === 'key_package', saw: after() }))
        await together(s)
      }
    },
    'never got anything to read': async ({ between, red, fox }) => {
      await red.say('A secret of two')
      await fox.panel('chat')
      await fox.reads(/A secret of two/)
      const told = JSON.stringify([...between.told])
      assert.match(told, /"type":"sealed"/)
      assert.doesNotMatch(told, /"type":"chat"|secret of two/)
    },
    'names a call that is still to come: no vote is signed for it, and all is shown': async (s) => {
      const { between, fox } = s
      s.alarms = true
      between.tap = (name, m) => [name === 'Fox' && m.type === 'decision' && m.called ? { ...m, called: m.called + 1_000 } : m]
      between.tell('Red', { type: 'call_decision', decision: 'd', version: 1 })
      await fox.tab('desk')
      await fox.click('vote-yes')
      for (const title of ['Options', 'More options']) await grow(between, title)
      await fox.page.waitForSelector('[data-testid=record-alarm][data-why=unproved]')
      assert.match(await fox.text(), /Not signed: what this is on is not in the record that your browser checked/)
      assert.ok(!between.told.get('Fox').some((m) => m.type === 'vote'))
      assert.equal(between.told.get('Fox').find((m) => m.type === 'alarm').event, between.last('Fox', 'decision').called + 1_000)
    },
  },
)
