// What a newcomer does: starts the demo, and opens the links that it prints, of the encrypted meeting and of
// the one that is not, in both browsers.
import assert from 'node:assert/strict'
import { FIREFOX_HZ } from './browsers.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { startDemo } from './server.mjs'

const CHAIR = 'Solveig Lindqvist'
const NORWAY = 'Ingrid Haugland'

/** The printed links of these people, in the order of the meetings. */
function links(log, name) {
  return [...log.matchAll(new RegExp(`^.*${name}: +(\\S+)$`, 'gm'))].map((line) => line[1])
}

/** The scripts that the page loaded for encryption alone. */
const sealing = (person) =>
  person.page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map((entry) => entry.name)
      .filter((name) => /\/(protection|worker|mls)[^/]*\.js$/.test(name)),
  )

scene(
  'demo',
  async (s) => {
    // The one that is not encrypted is printed first.
    s.chairs = links(s.server.log, CHAIR).reverse()
    s.norways = links(s.server.log, NORWAY).reverse()
    assert.equal(s.chairs.length, 2)
    s.chair = await Person.chromium({ name: CHAIR, url: s.chairs[0] }, 'red')
    s.norway = await Person.firefox({ name: NORWAY, url: s.norways[0] })
    s.people = [s.chair, s.norway]
  },
  {
    'the chair and Norway meet in the encrypted one': async ({ chair, norway }) => {
      await chair.join()
      await norway.join()
      await norway.shows({ [CHAIR]: 'red' })
      await chair.receives({ [NORWAY]: 'VP8' })
    },
    'and see the fingerprint that was printed': async ({ chair, norway, server }) => {
      const digits = /^(?:\d{5} ){7}\d{5}$/m.exec(server.log)[0]
      for (const person of [chair, norway]) assert.equal((await person.encryption()).fingerprint, digits)
      assert.notDeepEqual(await sealing(chair), [])
    },
    'and in the one that is not encrypted, by links that have keys too': async ({ chair, norway, chairs, norways }) => {
      await chair.leave()
      await norway.leave()
      chair.url = chairs[1]
      norway.url = norways[1]
      for (const person of [chair, norway]) await person.page.goto('about:blank')
      await chair.join()
      await norway.join()
      await norway.shows({ [CHAIR]: 'red' })
      await chair.receives({ [NORWAY]: 'VP8' })
      assert.equal(await chair.page.evaluate(() => location.hash), '')
      assert.deepEqual(await sealing(chair), [])
    },
    'Norway asks for the floor there, gets it, and is heard': async ({ chair, norway }) => {
      await norway.click('hand')
      await chair.act(NORWAY, 'floor-give')
      await chair.hears({ [NORWAY]: FIREFOX_HZ })
    },
  },
  () => startDemo('--no-simulate'),
)
