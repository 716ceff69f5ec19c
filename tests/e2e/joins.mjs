// Many come at once (script/joins): two Chromium, one Firefox and thirty members without a browser join an encrypted
// meeting within two seconds. How long it takes until everybody can open what everybody sends, and how many
// commits; then that they do: frames of each by each without a browser, pictures among the browsers, and a text
// of each by each. All of them share this machine's processors. The last line is JSON.
import { closeAll } from './browsers.mjs'
import { Member } from './member.mjs'
import { Person } from './person.mjs'
import { startTapped } from './server.mjs'
import { frames } from './tap.mjs'
import { until } from './until.mjs'

const MEMBERS = 30
const QUICK_MEMBERS = 10
const WITHIN_MS = 2_000 // from the first join to the last
const LIMIT_MS = 5_000 // from the last join on; times in the result count from the first
const COMMITS_MAX = 5
const PROOF_MS = 60_000 // to look at all of it, on a machine that is 33 people's
const SOUND = Buffer.from('fc0123456789abcdef', 'hex')

const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Everybody at their join page, or with the signed list read. */
async function gather(server, count) {
  const browsers = ['Red', 'Blue', 'Fox']
  const nodes = Array.from({ length: count }, (_, i) => `Member ${i + 1}`)
  const people = [...browsers, ...nodes].map((name, i) => ({ name, role: i ? 'delegate' : 'chair', ...(i && { seat: ['NOR', 'FRA', 'CAN'][i % 3] }) }))
  const { id } = await server.meeting(people, { encryption: 'required', open: true })
  const { links } = await server.invite(id)
  const red = await Person.chromium({ name: 'Red', url: links.Red }, 'red')
  const blue = await Person.chromium({ name: 'Blue', url: links.Blue }, 'blue')
  const fox = await Person.firefox({ name: 'Fox', url: links.Fox })
  for (const person of [red, blue, fox]) {
    await person.open()
    await person.see('join-page', 20_000)
  }
  const members = nodes.map((name) => new Member(name, links[name]))
  for (const member of members) await member.prepare()
  return { red, blue, fox, browsers: [red, blue, fox], members, names: people.map(({ name }) => name) }
}

/** They join one after the other, evenly; the browsers among the others. Gives when the first and the last did. */
async function joinAll({ browsers, members }) {
  const order = [...members]
  browsers.forEach((person, i) => order.splice(Math.floor(((i + 1) * members.length) / 4) + i, 0, person))
  const first = Date.now()
  const step = (WITHIN_MS * 0.9) / order.length
  let last
  const entered = order.map(async (one, i) => {
    await after(i * step)
    last = Date.now()
    await one.enter()
  })
  return { first, entered: Promise.all(entered).then(() => last) }
}

/** Every member without a browser opens a frame that every other one seals, and what the browsers really sent
 * with the newest keys. Gives when the first of those frames came. */
async function openEachOther(server, { members }, epochAt) {
  for (const from of members) {
    const frame = await from.seal('microphone', 'opus', SOUND)
    for (const to of members) {
      const opened = await to.open('opus', frame)
      if (!opened || !SOUND.equals(opened.data)) throw new Error(`${to.name} cannot open a frame of ${from.name}`)
    }
  }
  const newest = members[0]
  const leaves = new Map() // of browsers: when a frame of theirs came that all can open
  for (const frame of frames(server.tapped, epochAt).sort((a, b) => a.at - b.at)) {
    const opened = await newest.open(frame.codec, frame.data)
    const key = opened && `${opened.origin.leaf} ${opened.origin.kind}`
    if (!opened || leaves.has(key)) continue
    const all = await Promise.all(members.map((m) => m.open(frame.codec, frame.data)))
    if (all.every(Boolean)) leaves.set(key, frame.at)
  }
  return leaves
}

/** Everybody writes, and everybody reads it. */
async function readEachOther({ browsers, members, names }) {
  for (const person of browsers) await person.panel('chat')
  for (const person of browsers) await person.say(`text of ${person.name}.`)
  for (const member of members) member.say(`text of ${member.name}.`)
  for (const member of members)
    await until(`${member.name} reads everybody`, PROOF_MS, async () => {
      const missing = names.filter((name) => !member.texts.includes(`${name}: text of ${name}.`))
      return { ok: missing.length === 0, saw: { missing, troubles: member.troubles } }
    })
  for (const person of browsers)
    await until(`${person.name} reads everybody`, PROOF_MS, async () => {
      const text = await person.text()
      const missing = names.filter((name) => !text.includes(`text of ${name}.`))
      return { ok: missing.length === 0, saw: missing }
    })
}

async function measure(server, all) {
  const { red, blue, fox, members, names } = all
  const { first, entered } = await joinAll(all)
  const since = (at) => Math.round(at - first)
  const pictures = (async () => {
    await entered
    await Promise.all([red.shows({ Blue: 'blue' }, PROOF_MS), blue.shows({ Red: 'red' }, PROOF_MS), fox.shows({ Red: 'red', Blue: 'blue' }, PROOF_MS)])
    return since(Date.now())
  })()
  const last = await entered
  await until('everybody is in one group', PROOF_MS, async () => {
    const saw = members.map((m) => m.members.length)
    return { ok: saw.every((n) => n === names.length) && new Set(members.map((m) => m.code)).size === 1, saw }
  })
  await until('everybody has said that they have the keys', PROOF_MS, async () => ({ ok: members[0].allAt(names.length) !== undefined }))
  const keysAt = Math.max(...members.map((m) => m.keysAt))
  const allAt = Math.min(...members.map((m) => m.allAt(names.length) ?? Infinity))
  const commits = Number(Math.max(...members.map((m) => Number([...m.epochs.keys()].at(-1)))))
  const picturesMs = await pictures
  const began = Date.now()
  const opened = await openEachOther(server, all, first)
  await readEachOther(all)
  return {
    people: names.length,
    lastJoinMs: since(last),
    commits,
    membersHaveKeysMs: since(keysAt),
    allHaveKeysMs: since(allAt),
    framesOpenToAllMs: since(Math.max(...opened.values())),
    browserSources: opened.size,
    picturesMs,
    textsReadInMs: Date.now() - began,
    troubles: members.flatMap((m) => m.troubles),
  }
}

async function main() {
  const at = process.argv.indexOf('--members')
  const count = at > 0 ? Number(process.argv[at + 1]) : process.argv.includes('--quick') ? QUICK_MEMBERS : MEMBERS
  const server = await startTapped()
  let all
  let result
  try {
    all = await gather(server, count)
    result = await measure(server, all)
  } finally {
    all?.members.forEach((m) => m.end())
    await closeAll()
    await server.stop()
  }
  const ok =
    result.lastJoinMs <= WITHIN_MS &&
    result.commits <= COMMITS_MAX &&
    result.browserSources === 6 &&
    Math.max(result.allHaveKeysMs, result.framesOpenToAllMs, result.picturesMs) - result.lastJoinMs <= LIMIT_MS
  console.log(JSON.stringify({ ok, ...result }))
  return ok ? 0 : 1
}

process.exitCode = await main()
