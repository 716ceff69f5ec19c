// How long one who is out can still open what is sent, if the server goes on giving it to them: it gets every
// frame that the server got (tests/tap), with all keys that it ever had. From leaving, being removed, or the loss
// of the connection, to the last frame that it can open.
import assert from 'node:assert/strict'
import { Member } from './member.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { startTapped } from './server.mjs'
import { frames } from './tap.mjs'
import { until } from './until.mjs'

const CLEAN_MS = 2_000
const LOST_MS = 10_000
/** So long it goes on trying after the time that it may have. */
const AFTER_MS = 2_000

const NAMES = ['Leaver', 'Removed', 'Dead', 'Broken']
const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Of who is out since `at`: for how long after it frames came that it can open, and how many after that it cannot. */
async function clock(s, member, at) {
  let last = at
  const rest = []
  for (const frame of frames(s.server.tapped, at - 1_000).sort((a, b) => a.at - b.at)) {
    if (await member.open(frame.codec, frame.data)) last = frame.at
    else rest.push(frame)
  }
  const missed = rest.filter((f) => f.at > last)
  const senders = new Set(missed.map((f) => f.source))
  console.log(`# ${member.name}: the last frame that can be opened is ${Math.round(last - at)} ms after it; then ${missed.length} of ${senders.size} sources cannot`)
  return { ms: last - at, missed: missed.length, senders: senders.size }
}

/** At most so long; and then frames of both cameras and both microphones came, none of which it could open. */
async function outWithin(s, most, what) {
  for (const [member, at] of what) {
    const left = at + most + AFTER_MS - Date.now()
    if (left > 0) await after(left)
    const saw = await clock(s, member, at)
    assert.ok(saw.ms <= most && saw.senders === 4 && saw.missed > 100, `${member.name}: ${JSON.stringify(saw)}`)
  }
}

/** Who is still there opens everything, and knows that the other is out. */
async function goesOn(s, names) {
  const all = ['Red', 'Blue', ...names]
  for (const name of names) await s[name].knows(all)
  await s.red.shows({ Blue: 'blue' })
  await s.blue.shows({ Red: 'red' })
}

scene(
  'removal',
  async (s) => {
    const people = [
      { name: 'Red', role: 'chair' },
      { name: 'Blue', role: 'delegate', seat: 'FRA' },
      ...NAMES.map((name) => ({ name, role: 'observer' })),
    ]
    const { id } = await s.server.meeting(people, { encryption: 'required', open: true })
    const { links } = await s.server.invite(id)
    for (const name of NAMES) {
      s[name] = new Member(name, links[name])
      s.members.push(s[name])
      await s[name].join()
      await until(`${name} is in`, 10_000, async () => ({ ok: s[name].inside, saw: s[name].troubles }))
    }
    s.red = await Person.chromium({ name: 'Red', url: links.Red }, 'red')
    s.blue = await Person.chromium({ name: 'Blue', url: links.Blue }, 'blue')
    s.people = [s.red, s.blue]
    for (const person of s.people) await person.join()
    await goesOn(s, NAMES)
  },
  {
    'who is in opens all that comes': async (s) => {
      const since = Date.now()
      await after(2_000)
      for (const name of NAMES) {
        const all = frames(s.server.tapped, since)
        const opened = await Promise.all(all.map((frame) => s[name].open(frame.codec, frame.data)))
        assert.ok(all.length > 100 && opened.every(Boolean), `${name} opens ${opened.filter(Boolean).length} of ${all.length}`)
      }
    },
    // The first one commits for the others: that it goes is the hardest case.
    'who leaves is out within two seconds': async (s) => {
      const at = Date.now()
      s.Leaver.leave()
      await goesOn(s, ['Removed', 'Dead', 'Broken'])
      await outWithin(s, CLEAN_MS, [[s.Leaver, at]])
    },
    'who is removed is out within two seconds': async (s) => {
      await s.red.act('Removed', 'remove')
      const at = Date.now()
      await s.red.click('confirm-yes')
      await goesOn(s, ['Dead', 'Broken'])
      await outWithin(s, CLEAN_MS, [[s.Removed, at]])
    },
    'whose connection is lost is out within ten seconds': async (s) => {
      const at = Date.now()
      s.Dead.vanish()
      s.Broken.break()
      await outWithin(s, LOST_MS, [[s.Dead, at], [s.Broken, at]])
      await goesOn(s, [])
    },
    'who comes back after that is in again': async (s) => {
      await s.blue.page.evaluate(() => (window.sockets.at(-1).deaf = true))
      await until('Red knows that Blue has no keys any more', LOST_MS, async () => {
        const saw = await s.red.doubt('Blue')
        return { ok: saw === 'Not in the encryption', saw }
      })
      await s.red.shows({ Blue: 'blue' }, 20_000)
      await s.blue.shows({ Red: 'red' })
      assert.equal(await s.red.doubt('Blue'), undefined)
    },
  },
  startTapped,
)
