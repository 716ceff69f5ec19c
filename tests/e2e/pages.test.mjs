// What pages load, and that help is at hand: the join page's weight, the documentation, and the ways to it.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'

/** Bytes on the wire, compressed, that the join page may cost before anything that is loaded on demand. */
const WEIGHT_MAX = 250_000

/** What the page fetched, with its size as it came. */
const loaded = (page) =>
  page.evaluate(() => {
    const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    return entries.map(({ name, encodedBodySize, decodedBodySize }) => ({ name: new URL(name).pathname, encodedBodySize, decodedBodySize }))
  })

/** The page that a link opens in a window of its own: its address and title. */
async function opened(person, click) {
  const waiting = new Promise((resolve) => person.page.once('popup', resolve))
  await click()
  const page = await waiting
  await page.waitForSelector('h1')
  const seen = { path: new URL(page.url()).pathname, title: await page.$eval('h1', (h) => h.textContent) }
  await page.close()
  return seen
}

scene(
  'pages',
  async (s) => {
    const { invitations } = await s.server.meeting([
      { name: 'Anna', role: 'chair' },
      { name: 'Bernard', role: 'delegate', seat: 'FRA' },
    ])
    s.anna = await Person.chromium(invitations.Anna, 'red')
    s.bernard = await Person.chromium(invitations.Bernard, 'blue')
    s.people = [s.anna, s.bernard]
  },
  {
    'the join page is light': async ({ bernard }) => {
      await bernard.open()
      await bernard.see('join-page')
      await bernard.page.waitForNetworkIdle()
      const files = await loaded(bernard.page)
      const weight = files.reduce((sum, f) => sum + f.encodedBodySize, 0)
      assert.ok(files.some((f) => f.name.endsWith('.js')) && weight > 20_000, JSON.stringify(files))
      assert.ok(weight <= WEIGHT_MAX, `${weight} bytes: ${JSON.stringify(files)}`)
    },
    'its help is the page of the role': async ({ bernard }) => {
      assert.deepEqual(await opened(bernard, () => bernard.click('help')), { path: '/docs/delegate', title: 'For delegates' })
    },
    'and so is that of the room': async ({ anna }) => {
      await anna.join()
      await anna.click('more')
      assert.deepEqual(await opened(anna, () => anna.click('help')), { path: '/docs/chair', title: 'For the chair' })
    },
    'the preparation has the secretary’s': async ({ bernard, server }) => {
      await bernard.page.goto(`${server.origin}/prepare`)
      assert.equal((await opened(bernard, () => bernard.click('help'))).path, '/docs/secretary')
    },
    'the documentation keeps to the policy, and is searched': async ({ bernard, server }) => {
      const { page } = bernard
      const wrong = []
      page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
      await page.goto(`${server.origin}/docs/deploy`, { waitUntil: 'networkidle0' })
      await page.type('#search', 'certbot')
      await page.waitForSelector('#found a')
      const first = await page.$eval('#found a', (a) => a.getAttribute('href'))
      assert.equal(first, '/docs/deploy#a-certificate')
      await page.click('#found a')
      await page.waitForFunction(() => location.hash === '#a-certificate')
      assert.deepEqual(wrong, [])
    },
    'and is read without a script': async ({ bernard, server }) => {
      const { page } = bernard
      await page.setJavaScriptEnabled(false)
      await page.goto(`${server.origin}/docs`)
      const links = await page.$$eval('nav.pages a', (all) => all.length)
      assert.ok(links > 12)
    },
  },
)
