// What a server could tell that writes down all it sees: in a meeting without encryption a decoder finds the
// picture and the tone, and a word of the chat stands in its memory; in an encrypted one nothing of it does,
// though what was written down is the very media that who has the keys opens.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { CHART, chartPicture } from './fakes.mjs'
import { Member } from './member.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { startTapped } from './server.mjs'
import { correlation, frames, pictures, sound, toneShare } from './tap.mjs'
import { until } from './until.mjs'

const FOUND = 0.9 // correlation, and share of the tone
const NOTHING = 0.3
const FRAMES = 30
const SOUNDS = 100

const PEOPLE = [
  { name: 'Chart', role: 'delegate', seat: 'NOR' },
  { name: 'Eye', role: 'delegate', seat: 'FRA' },
  { name: 'Node', role: 'delegate', seat: 'CAN' },
]

/** The upper two thirds of the picture: below is nothing else, but a decoder's first rows are the surest. */
const part = (rgb) => rgb.slice(0, 64 * 24 * 3)
const rgbOf = (rgba) => rgba.filter((_, i) => i % 4 !== 3)

/** What a decoder makes of these frames: the best likeness to the chart, and the share of its tone. */
async function decoded(page, all) {
  const video = all.filter((f) => f.codec === 'vp8')
  const known = part(chartPicture())
  let likeness = 0
  let shown = 0
  const errors = []
  for (const layer of new Set(video.map((f) => f.layer))) {
    const seen = await pictures(page, video.filter((f) => f.layer === layer), FRAMES)
    shown += seen.pictures.length
    if (seen.error) errors.push(seen.error)
    for (const rgba of seen.pictures) likeness = Math.max(likeness, Math.abs(correlation(known, part(rgbOf(rgba)))))
  }
  const heard = await sound(page, all.filter((f) => f.codec === 'opus'), SOUNDS)
  if (heard.error) errors.push(heard.error)
  return { likeness, tone: toneShare(heard.samples, CHART.hz), shown, samples: heard.samples.length, errors }
}

/** Since then, enough frames of the one who sends, with a key frame. */
async function tapped(server, since) {
  let found
  await until('the server sees picture and sound', 20_000, async () => {
    found = frames(server.tapped, since)
    const video = found.filter((f) => f.codec === 'vp8')
    const saw = { sounds: found.length - video.length, pictures: video.length, keys: video.filter((f) => f.key).length }
    return { ok: saw.keys > 0 && saw.pictures >= FRAMES && saw.sounds >= SOUNDS, saw }
  })
  return found
}

async function seesChart(person) {
  await person.receives({ Chart: 'VP8' })
  await until(`${person.name} is shown a picture`, 15_000, async () => {
    const saw = await person.tile('Chart')
    return { ok: Boolean(saw?.rgb), saw }
  })
}

const say = (what, { likeness, tone, shown, samples, errors }) =>
  console.log(
    `# ${what}: ${shown} pictures decoded, likeness ${likeness.toFixed(3)}; ${samples} samples, share of the tone ${tone.toFixed(3)}`,
    [...new Set(errors)].join('; '),
  )

/** A text in all the ways in which it may stand somewhere. */
function spellings(name, bytes) {
  const wide = Buffer.from(bytes.toString('latin1'), 'utf16le')
  const coded = [0, 1, 2].map((skip) => bytes.subarray(skip, skip + Math.floor((bytes.length - skip) / 3) * 3).toString('base64'))
  return {
    [name]: bytes,
    [`${name} (UTF-16)`]: wide,
    [`${name} (hexadecimal)`]: Buffer.from(bytes.toString('hex')),
    ...Object.fromEntries(coded.map((text, i) => [`${name} (base64, ${i})`, Buffer.from(text)])),
  }
}

scene(
  'tap',
  async (s) => {
    s.canary = `canary-${randomBytes(9).toString('hex')}`
    s.open = await s.server.meeting(PEOPLE)
    s.sealed = await s.server.meeting(PEOPLE, { encryption: 'required' })
    s.links = (await s.server.invite(s.sealed.id)).links
    s.chart = await Person.chromium(s.open.invitations.Chart, 'chart')
    s.eye = await Person.chromium(s.open.invitations.Eye)
    s.people = [s.chart, s.eye]
    s.since = Date.now()
    await s.chart.join()
    await s.eye.join()
    await seesChart(s.eye)
  },
  {
    'without encryption a decoder finds the picture and the tone': async ({ server, eye, since }) => {
      const seen = await decoded(eye.page, await tapped(server, since))
      say('not encrypted', seen)
      assert.ok(seen.likeness >= FOUND && seen.tone >= FOUND, JSON.stringify(seen))
    },
    'and what is written stands in the memory': async ({ server, chart, eye, canary }) => {
      await chart.says(eye, `${canary}-open`)
      const { found, read } = server.inMemory({ chat: Buffer.from(`${canary}-open`) })
      console.log(`# ${Math.round(read / 1e6)} MB of memory read; the open word is in it ${found.chat} times`)
      assert.ok(found.chat > 0)
    },
    'the same people come into an encrypted meeting': async (s) => {
      for (const person of s.people) await person.page.goto('about:blank')
      s.since = Date.now()
      s.node = new Member('Node', s.links.Node) // the first: it has the keys of all that comes
      s.members.push(s.node)
      await s.node.join()
      for (const person of s.people) {
        person.url = s.links[person.name]
        await person.join()
      }
      await s.node.knows(['Chart', 'Eye', 'Node'])
      await seesChart(s.eye)
      s.frames = await tapped(s.server, s.since)
    },
    'a decoder finds nothing': async (s) => {
      const seen = await decoded(s.eye.page, s.frames)
      say('encrypted', seen)
      assert.ok(seen.likeness < NOTHING && seen.tone < NOTHING, JSON.stringify(seen))
    },
    'but the picture and the tone are in it, for who has the keys': async (s) => {
      const opened = []
      for (const frame of frames(s.server.tapped, s.since)) {
        const made = await s.node.open(frame.codec, frame.data)
        if (made) opened.push({ ...frame, data: Buffer.from(made.data) })
      }
      const seen = await decoded(s.eye.page, opened)
      say('encrypted, opened with the keys', seen)
      assert.ok(seen.likeness >= FOUND && seen.tone >= FOUND, JSON.stringify(seen))
    },
    'nothing that is written, and no key, is in memory, on disk or in the log': async (s) => {
      await s.chart.says(s.eye, `${s.canary}-sealed`)
      await until('the member reads it', 5_000, async () => ({ ok: s.node.texts.includes(`Chart: ${s.canary}-sealed`), saw: s.node.texts }))
      const secrets = Object.entries(s.links).flatMap(([name, link]) => {
        const text = link.split('#')[1].split('.')[2]
        return Object.entries({ [`${name}'s secret`]: Buffer.from(text), ...spellings(`${name}'s secret, bytes`, Buffer.from(text, 'base64url')) })
      })
      const keys = [...s.node.epochs].flatMap(([epoch, { baseKey }]) => Object.entries(spellings(`key of epoch ${epoch}`, Buffer.from(baseKey))))
      const hidden = { ...spellings('the word', Buffer.from(`${s.canary}-sealed`)), ...Object.fromEntries([...secrets, ...keys]) }
      const open = Buffer.from(`${s.canary}-open`)
      const { found } = s.server.inMemory({ ...hidden, 'the open word': open })
      assert.ok(found['the open word'] > 0)
      assert.deepEqual(Object.entries(found).filter(([name, n]) => n && name !== 'the open word'), [])
      const kept = s.server.kept()
      assert.ok(Object.values(kept).some((bytes) => bytes.includes(s.sealed.id)), 'the meeting itself is on disk')
      for (const [file, bytes] of Object.entries(kept))
        for (const [name, needle] of Object.entries(hidden)) assert.ok(!bytes.includes(needle), `${name} is in ${file}`)
      console.log(`# ${Object.keys(hidden).length} spellings of words, secrets and keys are nowhere in memory and ${Object.keys(kept).length} files`)
    },
  },
  startTapped,
)
