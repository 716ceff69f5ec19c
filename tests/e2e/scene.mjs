// The frame of a test: a server, the people who come, and an end that closes everything and, after
// a failure, leaves pictures of the pages and their logs in build/e2e.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { closeAll } from './browsers.mjs'
import { startServer } from './server.mjs'

const RESULTS = fileURLToPath(new URL('../../build/e2e/', import.meta.url))
const TEST_MS = 180_000

/** A group of tests that share a server and people, in order. `set` fills what they share:
 * set(scene) may add to scene.people, and to scene.members who has no browser. After a failed step the
 * others of the group fail at once. Nobody's page may cry out over the record in the end, unless
 * scene.alarms says that it is to. `start`: what makes the server. */
export function scene(title, set, steps, start = startServer) {
  const shared = { people: [], members: [] }
  let broken
  const step = (name, run) =>
    test(`${title}: ${name}`, { timeout: TEST_MS }, async () => {
      if (broken) throw new Error(`an earlier step failed: ${broken}`)
      try {
        await run(shared)
      } catch (error) {
        broken = name
        await keep(`${title}-${name}`, shared).catch(() => {})
        throw error
      }
    })
  step('begins', async () => {
    shared.server = await start()
    await set(shared)
  })
  for (const [name, run] of Object.entries(steps)) step(name, run)
  step('the record is as it was', async ({ people, alarms }) => alarms || assert.deepEqual(await cries(people), []))
  test(`${title}: ends`, { timeout: 60_000 }, async () => {
    for (const member of shared.members) member.end()
    await closeAll()
    await shared.server?.stop()
  })
}

/** Alarms and claims over the record that pages show. */
async function cries(people) {
  const shown = ({ name, page }) =>
    page.$$eval('[data-testid=record-alarm], [data-testid=record-claim]', (all) => all.map((e) => e.innerText)).then(
      (all) => all.map((text) => `${name}: ${text}`),
      () => [], // the page is gone
    )
  return (await Promise.all(people.map(shown))).flat()
}

async function keep(title, { people, server }) {
  const base = RESULTS + title.replace(/[^\w]+/g, '-')
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(`${base}.server.log`, server?.log ?? '')
  for (const { name, browser, page } of people) {
    writeFileSync(`${base}-${name}.log`, browser.log.join('\n') + '\n')
    await page.screenshot({ path: `${base}-${name}.png` }).catch(() => {})
  }
}
