// Looks at a page as a person would, and as one who hears it: pictures stay in build/e2e, and axe
// (WCAG 2.2 A and AA) must find nothing, in light and in dark.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const PICTURES = fileURLToPath(new URL('../../build/e2e/', import.meta.url))
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
export const SIZES = { desktop: { width: 1440, height: 900 }, tablet: { width: 768, height: 1024 }, phone: { width: 390, height: 844 } }
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds wrong: rule, where, and why. */
async function faults(page, run) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE)
  return page.evaluate(async (run) => {
    // What moves is looked at once it rests.
    await Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined)))
    const { violations } = await window.axe.run(document, { runOnly: run, resultTypes: ['violations'] })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((n) => `${id}: ${n.target} ${[...n.any, ...n.all, ...n.none].map((c) => c.message).join('; ')} ${n.html.slice(0, 160)}`),
    )
  }, run)
}

const scheme = (page, value) => page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }])

/** Of what a Chromium shows: pictures `NAME-light.png` and `NAME-dark.png`, and no fault. */
export async function look(page, name) {
  mkdirSync(PICTURES, { recursive: true })
  const found = {}
  for (const [theme, run] of [
    ['light', { type: 'tag', values: RULES }],
    ['dark', { type: 'rule', values: ['color-contrast'] }],
  ]) {
    await scheme(page, theme)
    await page.screenshot({ path: `${PICTURES}${name}-${theme}.png` })
    found[theme] = await faults(page, run)
  }
  await scheme(page, '')
  assert.deepEqual(found, { light: [], dark: [] }, `${name}: ${JSON.stringify(found, null, 1)}`)
}

/** The same on the screens of a desk and of a hand. */
export async function everywhere(page, name) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewport(viewport)
    await look(page, `${name}-${size}`)
  }
  await page.setViewport(SIZES.desktop)
}

/** WCAG 1.4.10: at 400 % of 1280 pixels nothing needs scrolling sideways. */
export async function reflows(page, name) {
  const before = page.viewport()
  await page.setViewport({ width: 320, height: 256 })
  const saw = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  await page.screenshot({ path: `${PICTURES}${name}-reflow.png` })
  await page.setViewport(before)
  assert.ok(saw[0] <= saw[1], `${name} is ${saw[0]} pixels wide in a window of ${saw[1]}`)
}
