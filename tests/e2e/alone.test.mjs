// People with less than the others: without a camera, without permission, without a valid link,
// and, for a while, without a server.
import assert from 'node:assert/strict'
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { longestStill, watchStill } from './probe.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

const people = [
  { name: 'Red', role: 'delegate', seat: 'NOR' },
  { name: 'Listener', role: 'delegate', seat: 'FRA' },
  { name: 'Gallery', role: 'observer', shared: true },
]

scene(
  'without a camera',
  async (s) => {
    s.meeting = await s.server.meeting([
      { name: 'Red', role: 'delegate', seat: 'NOR' },
      { name: 'Blocked', role: 'delegate', seat: 'FRA' },
      { name: 'Bare', role: 'delegate', seat: 'CAN' },
    ])
    const { Red, Blocked, Bare } = s.meeting.invitations
    s.red = await Person.chromium(Red, 'red')
    s.blocked = await Person.chromium(Blocked, 'green', { permitted: false })
    s.bare = await Person.chromium(Bare)
    s.people = [s.red, s.blocked, s.bare]
  },
  {
    'the join page says that permission is missing': async ({ red, blocked }) => {
      await red.join()
      await blocked.open()
      await blocked.reads(/The camera is blocked/)
      await blocked.reads(/The microphone is blocked/)
    },
    'or the device': async ({ bare }) => {
      await bare.open()
      await bare.reads(/No camera found/)
      await bare.reads(/No microphone found/)
    },
    'both come in': async ({ blocked, bare }) => {
      await blocked.enter()
      await bare.enter()
    },
    'both see and hear': async ({ blocked, bare }) => {
      for (const person of [blocked, bare]) {
        await person.shows({ Red: 'red' })
        await person.hears({ Red: CAST.red.hz })
      }
    },
    'and are seen to be there': async ({ red }) => {
      await red.shows({ Blocked: null, Bare: null })
      await red.hears({})
    },
  },
)

scene(
  'an observer',
  async (s) => {
    s.meeting = await s.server.meeting(people)
    s.red = await Person.chromium(s.meeting.invitations.Red, 'red')
    s.one = await Person.chromium(s.meeting.invitations.Gallery, 'green')
    s.other = await Person.chromium(s.meeting.invitations.Gallery, 'blue')
    s.people = [s.red, s.one, s.other]
  },
  {
    'two share one link': async ({ red, one, other }) => {
      await red.join()
      await one.join()
      await other.join()
    },
    'both see and hear': async ({ one, other }) => {
      for (const person of [one, other]) {
        await person.shows({ Red: 'red' })
        await person.hears({ Red: CAST.red.hz })
      }
    },
    'neither is heard': async ({ red }) => red.hears({}),
  },
)

/** Breaks the newest WebSocket of a page in the page, and waits for the next: nothing of the media may
 * stand still, nor be made anew. */
async function resumes({ page }, name, breakIt) {
  await page.evaluate(watchStill)
  const offers = await page.evaluate(() => {
    window.welcome = undefined
    return window.connections.length
  })
  await page.evaluate(breakIt)
  await until(`${name}'s next welcome`, 3_000, async () => {
    const saw = await page.evaluate(() => window.welcome?.media)
    return { ok: saw === 'kept', saw }
  })
  await new Promise((resolve) => setTimeout(resolve, 2_000)) // a second gap would come now
  const saw = await page.evaluate(() => ({
    offers: window.connections.length,
    state: window.connections.at(-1).connectionState,
  }))
  assert.deepEqual(saw, { offers, state: 'connected' })
  const still = await page.evaluate(longestStill)
  assert.ok(still < 1_000, `a picture stood still for ${still} ms`)
}

scene(
  'reconnection',
  async (s) => {
    s.meeting = await s.server.meeting(people)
    s.red = await Person.chromium(s.meeting.invitations.Red, 'red')
    s.green = await Person.chromium(s.meeting.invitations.Listener, 'green')
    s.people = [s.red, s.green]
  },
  {
    'two are in the room': async ({ red, green }) => {
      await red.join()
      await green.join()
      await red.shows({ Listener: 'green' })
      await green.shows({ Red: 'red' })
    },
    'the WebSocket of one breaks, and picture and sound flow on': async ({ red, green }) => {
      await resumes(red, 'Red', () => window.sockets.at(-1).close())
      await red.shows({ Listener: 'green' })
      await green.shows({ Red: 'red' })
    },
    'or falls silent as the network changes, which is found at once': async ({ red, green }) => {
      await resumes(red, 'Red', () => {
        window.sockets.at(-1).deaf = true
        window.dispatchEvent(new Event('online'))
      })
      await red.hears({ Listener: CAST.green.hz })
      await green.hears({ Red: CAST.red.hz })
    },
    'what is said after that arrives': async ({ red, green }) => {
      await red.click('camera')
      await green.shows({ Red: null })
      await red.click('camera')
      await green.shows({ Red: 'red' })
    },
    'the server dies, and the page says that it tries again': async (s) => {
      s.dead = await s.server.kill()
      await s.red.reads(/Reconnecting/, 15_000)
    },
    'the server is back, and so is everybody': async ({ dead, red, green }) => {
      await dead.again()
      await red.shows({ Listener: 'green' }, 45_000)
      await green.shows({ Red: 'red' }, 45_000)
      await red.hears({ Listener: CAST.green.hz })
      await green.hears({ Red: CAST.red.hz })
    },
    'pictures move': async ({ red }) => {
      const before = (await red.tile('Listener')).frames
      await until('new frames', 5_000, async () => {
        const saw = (await red.tile('Listener')).frames
        return { ok: saw > before + 15, saw }
      })
    },
  },
)

scene(
  'refusals',
  async (s) => {
    s.meeting = await s.server.meeting([
      ...people,
      { name: 'Late', role: 'observer', expires: Date.now() - 60_000 },
    ])
    s.guest = await Person.chromium(s.meeting.invitations.Red, 'red')
    s.people = [s.guest]
    s.visit = async (url) => {
      await s.guest.page.goto('about:blank')
      await s.guest.page.goto(url)
    }
  },
  {
    // First, as a tab remembers the token that it was opened with.
    'a link without a token': async ({ guest, meeting, visit }) => {
      await visit(meeting.invitations.Red.url.split('#')[0])
      await guest.reads(/This link is not complete/)
    },
    'an unknown invitation': async ({ guest, meeting, visit }) => {
      const { url, token } = meeting.invitations.Red
      await visit(url.replace(token, token.replace(/^../, (two) => (two === 'AA' ? 'BB' : 'AA'))))
      await guest.reads(/This link is not known/)
    },
    'an expired invitation': async ({ guest, meeting, visit }) => {
      await visit(meeting.invitations.Late.url)
      await guest.reads(/This invitation has expired/)
    },
    'an unknown meeting': async ({ guest, meeting, visit }) => {
      await visit(meeting.invitations.Red.url.replace(meeting.id, 'AAAAAAAAAAAA'))
      await guest.reads(/There is no such meeting/)
    },
  },
)
