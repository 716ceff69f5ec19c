// What the page takes of a processor with twelve tiles (1280 × 800, no graphics card), of one core, all of the
// browser's processes together: eleven simulated delegations with moving pictures, the same without cameras,
// where nothing on the page moves, and nobody but oneself. And what it does meanwhile: how long its
// scripts run, and how often it lays out.
//
//   bench/tiles              20 seconds each
//   bench/tiles --quick      6
//
// The last line is JSON. As root it is nice by -15, as the machine may have other work.
import { spawn } from 'node:child_process'
import { loadavg, setPriority } from 'node:os'
import { used } from './used.mjs'
import { closeAll } from '../tests/e2e/browsers.mjs'
import { Person } from '../tests/e2e/person.mjs'
import { BINARY, startServer } from '../tests/e2e/server.mjs'
import { until } from '../tests/e2e/until.mjs'

const OTHERS = 11
const SETTLE_MS = 5_000
const NICE = -15
const seconds = process.argv.includes('--quick') ? 6 : 20
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const round = (value) => Number(value.toFixed(1))

async function counts(person, cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics')
  const of = (name) => metrics.find((m) => m.name === name).value
  return {
    cpu: used(person.browser.driver.process().pid),
    script_ms: 1000 * of('ScriptDuration'),
    layouts: of('LayoutCount'),
  }
}

/** By the second; of a processor in percent. */
async function measure(person, cdp) {
  await wait(SETTLE_MS)
  const [before, at] = [await counts(person, cdp), Date.now()]
  await wait(seconds * 1000)
  const [after, over] = [await counts(person, cdp), (Date.now() - at) / 1000]
  const each = Object.fromEntries(Object.keys(after).map((name) => [name, round((after[name] - before[name]) / over)]))
  return { ...each, cpu: round((100 * (after.cpu - before.cpu)) / over) }
}

/** The delegations, until they are ended. */
function simulate(links, ...options) {
  const child = spawn(BINARY, ['simulate', '-', '--hand', '0', ...options], { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(links.join('\n') + '\n')
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return () => (child.kill('SIGINT'), ended)
}

/** So many tiles, and pictures in them. */
async function shows(person, tiles, pictures) {
  await until(`${tiles} tiles, ${pictures} pictures`, 30_000, async () => {
    const saw = (await person.tiles()).map((t) => t.rgb !== undefined)
    return { ok: saw.length === tiles && saw.filter(Boolean).length === pictures, saw }
  })
}

if (process.getuid() === 0) setPriority(NICE)
const server = await startServer()
try {
  const others = Array.from({ length: OTHERS }, (_, n) => ({ name: `Delegate ${n + 1}`, role: 'delegate', seat: 'FRA' }))
  const { invitations } = await server.meeting([{ name: 'Eye', role: 'chair' }, ...others])
  const links = others.map(({ name }) => invitations[name].url)
  const eye = await Person.chromium(invitations.Eye)
  const cdp = await eye.page.createCDPSession()
  await cdp.send('Performance.enable')
  await eye.join()
  const result = { load_average: loadavg()[0], alone: await measure(eye, cdp) }
  for (const [name, pictures, options] of [['still', 0, ['--no-pictures']], ['moving', OTHERS, []]]) {
    const end = simulate(links, '--seats', String(OTHERS), ...options)
    await shows(eye, OTHERS + 1, pictures)
    result[name] = await measure(eye, cdp)
    await end()
    await shows(eye, 1, 0)
  }
  console.log(JSON.stringify(result))
} finally {
  await closeAll()
  await server.stop()
}
