// Watches every picture of other people, second by second. As a program (script/soak): two Chromium
// and one Firefox in a meeting for a while, and a line of JSON at the end.
import { fileURLToPath } from 'node:url'

// A picture that shows nothing new in so many seconds, one after the other, is frozen to the eye.
const FROZEN_SECONDS = 2
// When the browsers cannot even show their own cameras at this rate, the machine is short of time,
// and its seconds say nothing about the server.
const OWN_FRAMES = 5

/** Counts the frames of all tiles for so many seconds. Gives what went wrong, in sentences. */
export async function soak(people, seconds, say = () => {}) {
  const faults = []
  const still = new Map() // "viewer sees name": seconds
  let starved = 0
  for (const person of people) await person.page.evaluate(countFrames)
  for (let second = 1; second <= seconds; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const counts = await Promise.all(people.map((person) => person.page.evaluate(() => window.takeCounts())))
    const healthy = people.every(({ name }, i) => counts[i][name] >= OWN_FRAMES)
    if (!healthy) starved++
    for (const [i, viewer] of people.entries())
      for (const { name } of people) {
        if (name === viewer.name) continue
        const what = `${viewer.name} sees ${name}`
        still.set(what, healthy && !counts[i][name] ? (still.get(what) ?? 0) + 1 : 0)
        if (still.get(what) === FROZEN_SECONDS) faults.push(`at ${second} s ${what} frozen`)
      }
    if (second % 10 === 0) say(`${second} s: ${faults.length} frozen, ${starved} s short of processor time`)
  }
  if (starved > seconds / 2) faults.push(`the machine was too slow in ${starved} of ${seconds} seconds`)
  return faults
}

/** In the page: counts each tile's new frames. `takeCounts` gives them by name, since the last time. */
function countFrames() {
  const counts = new Map()
  const watched = new WeakSet()
  const watch = (video) => {
    watched.add(video)
    video.requestVideoFrameCallback(function seen() {
      const tile = video.closest('[data-testid=tile]')
      const name = tile?.dataset.shows === 'picture' && tile.querySelector('[data-testid=tile-name]').firstChild.textContent.trim()
      if (name) counts.set(name, (counts.get(name) ?? 0) + 1)
      video.requestVideoFrameCallback(seen)
    })
  }
  window.takeCounts = () => {
    for (const video of document.querySelectorAll('[data-testid=tile] video')) if (!watched.has(video)) watch(video)
    const taken = Object.fromEntries(counts)
    counts.clear()
    return taken
  }
  window.takeCounts()
}

async function main() {
  const { closeAll } = await import('./browsers.mjs')
  const { Person } = await import('./person.mjs')
  const { startServer } = await import('./server.mjs')
  const quick = process.argv.includes('--quick')
  const at = process.argv.indexOf('--seconds')
  const seconds = at > 0 ? Number(process.argv[at + 1]) : quick ? 60 : 600
  const server = await startServer()
  let faults
  try {
    const { invitations } = await server.meeting([
      { name: 'Red', role: 'delegate', seat: 'NOR' },
      { name: 'Blue', role: 'delegate', seat: 'FRA' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
    ])
    const people = [
      await Person.chromium(invitations.Red, 'red'),
      await Person.chromium(invitations.Blue, 'blue'),
      await Person.firefox(invitations.Fox),
    ]
    for (const person of people) await person.join()
    for (const person of people.slice(0, 2)) await person.shows({ Red: 'red', Blue: 'blue' })
    await people[2].shows({ Red: 'red', Blue: 'blue' }, 30_000)
    faults = await soak(people, seconds, console.log)
  } finally {
    await closeAll()
    await server.stop()
  }
  for (const fault of faults) console.log(fault)
  console.log(JSON.stringify({ seconds, faults: faults.length }))
  return faults.length ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main().then((status) => (process.exitCode = status))
