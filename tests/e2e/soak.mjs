// Watches every picture of other people, second by second. As a program (script/soak): two Chromium
// and one Firefox in a meeting for a while, and a line of JSON at the end.
import { fileURLToPath } from 'node:url'

// A picture that shows nothing new for so long is frozen to the eye.
const FROZEN_MS = 2_000

/** Counts the frames of all tiles for so many seconds. Gives the pictures that stood still, each as
 * a sentence. */
export async function soak(people, seconds, say = () => {}) {
  for (const person of people) await person.page.evaluate(countFrames, FROZEN_MS)
  const frozen = []
  for (let second = 1; second <= seconds; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    for (const person of people) {
      const still = await person.page.evaluate(() => window.takeFrozen())
      frozen.push(...still.map((what) => `at ${second} s ${person.name} sees ${what}`))
    }
    if (second % 10 === 0) say(`${second} s, ${frozen.length} frozen`)
  }
  for (const person of people) {
    const watched = await person.page.evaluate(() => window.stopCounting())
    if (watched < people.length - 1) frozen.push(`${person.name} saw ${watched} pictures, not ${people.length - 1}`)
  }
  return frozen
}

/** In the page: notes each video's new frames, and the gaps between them. */
function countFrames(limit) {
  const seen = new Map() // video: time of its last frame
  const frozen = []
  let timer
  const label = (video) => video.closest('[data-testid=tile]').innerText.trim().split('\n')[0]
  const watch = (video) => {
    seen.set(video, performance.now())
    const onFrame = (now) => {
      seen.set(video, performance.now())
      if (timer) video.requestVideoFrameCallback(onFrame)
    }
    video.requestVideoFrameCallback(onFrame)
  }
  timer = setInterval(() => {
    for (const video of document.querySelectorAll('[data-testid=tile] video')) if (!seen.has(video)) watch(video)
    for (const [video, last] of seen) {
      const gap = performance.now() - last
      if (!video.isConnected || gap < limit) continue
      frozen.push(`${label(video)} still for ${Math.round(gap)} ms`)
      seen.set(video, performance.now())
    }
  }, 100)
  window.takeFrozen = () => frozen.splice(0)
  window.stopCounting = () => {
    clearInterval(timer)
    timer = undefined
    return seen.size - 1 // the own picture is not received
  }
}

async function main() {
  const { closeAll } = await import('./browsers.mjs')
  const { Person } = await import('./person.mjs')
  const { startServer } = await import('./server.mjs')
  const quick = process.argv.includes('--quick')
  const at = process.argv.indexOf('--seconds')
  const seconds = at > 0 ? Number(process.argv[at + 1]) : quick ? 60 : 600
  const server = await startServer()
  let frozen
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
    frozen = await soak(people, seconds, console.log)
  } finally {
    await closeAll()
    await server.stop()
  }
  for (const what of frozen) console.log(what)
  console.log(JSON.stringify({ seconds, frozen: frozen.length }))
  return frozen.length ? 1 : 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main().then((status) => (process.exitCode = status))
