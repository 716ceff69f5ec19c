// Who prepares a meeting in the browser. The only file that knows that page, by its data-testid
// attributes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './until.mjs'

const SEE_MS = 10_000

export class Secretary {
  constructor(browser, server) {
    this.browser = browser
    this.page = browser.page
    this.name = 'secretary'
    this.url = `${server.origin}/prepare`
  }

  async enter(token) {
    await this.page.goto(this.url)
    await this.fill('admin-token', token)
    await this.click('enter')
  }

  /** Loads the page anew; the token is kept. */
  async again() {
    await this.page.goto(this.url)
    await this.see('new-meeting')
  }

  async openFirst() {
    await this.see('meeting-line')
    await this.page.click('[data-testid=meeting-line] button')
    await this.see('meeting-editor')
  }

  async see(id) {
    await this.page.waitForSelector(`[data-testid=${id}]`, { visible: true, timeout: SEE_MS })
  }

  /** Waits until the text of the element fits. */
  async reads(id, pattern) {
    await this.see(id)
    await this.until(`${id} says ${pattern}`, async () =>
      pattern.test(await this.page.$eval(`[data-testid=${id}]`, (e) => e.textContent.trim())),
    )
  }

  async until(what, look) {
    await until(what, SEE_MS, async () => {
      const ok = await look()
      return { ok, saw: await this.page.evaluate(() => document.querySelector('main, .content, dialog')?.innerText.slice(0, 400)) }
    })
  }

  /** Goes to a part of the meeting. */
  async part(name) {
    await this.click(`section-${name}`)
    await this.page.waitForSelector(`[data-testid=section-${name}][aria-current]`)
  }

  async click(id) {
    await this.see(id)
    await this.page.$eval(`[data-testid=${id}]`, (e) => e.click())
  }

  /** Writes into the first field of this name, or the one at `n` (-1: the last), over what stands there. */
  async fill(id, text, n = 0) {
    await this.see(id)
    const field = (await this.page.$$(`[data-testid=${id}]`)).at(n)
    await field.evaluate((e, value) => {
      e.focus()
      e.value = value
      e.dispatchEvent(new Event('input', { bubbles: true }))
    }, text)
  }

  async choose(id, value, n = 0) {
    await this.see(id)
    await (await this.page.$$(`[data-testid=${id}]`)).at(n).select(value)
  }

  /** Ticks every box of a list. */
  async tick(id) {
    await this.see(id)
    await this.page.$$eval(`[data-testid=${id}] input`, (boxes) => boxes.forEach((b) => b.checked || b.click()))
  }

  /** Chooses a file with these bytes for the first item. */
  async attach(name, bytes) {
    const folder = mkdtempSync(join(tmpdir(), 'parley-secretary-'))
    try {
      writeFileSync(join(folder, name), bytes)
      const input = await this.page.waitForSelector('[data-testid=document-file]', { timeout: SEE_MS })
      await input.uploadFile(join(folder, name))
      await this.see('item-documents')
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  /** Imports the definition of a meeting as a file. */
  async import(definition) {
    const folder = mkdtempSync(join(tmpdir(), 'parley-secretary-'))
    try {
      writeFileSync(join(folder, 'meeting.json'), JSON.stringify(definition))
      const input = await this.page.waitForSelector('[data-testid=import-file]', { timeout: SEE_MS })
      await input.uploadFile(join(folder, 'meeting.json'))
      await this.see('meeting-editor')
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  /** Makes the organiser's key of this browser, when it is asked for. */
  async makeKey(passphrase) {
    await this.see('organiser-key')
    await this.fill('key-passphrase', passphrase)
    await this.click('organiser-key-submit')
    await this.page.waitForSelector('[data-testid=organiser-key]', { hidden: true, timeout: SEE_MS })
  }

  /** The fingerprint of the organiser's key, as it is printed in letters. */
  async fingerprint() {
    await this.see('organiser-digits')
    return this.page.$eval('[data-testid=organiser-digits]', (e) => e.textContent.trim().replace(/\s+/g, ' '))
  }

  /** The row of a person among the links: presses a button in it. */
  async clickOf(name, id) {
    await this.see('link-row')
    await this.page.evaluate(
      (name, id) => {
        const row = [...document.querySelectorAll('[data-testid=link-row]')].find((r) => r.innerText.includes(name))
        row.querySelector(`[data-testid=${id}]`).click()
      },
      name,
      id,
    )
  }

  /** The place of the field that has the focus. */
  focused() {
    return this.page.evaluate(() => document.activeElement?.dataset.place)
  }

  /** By name. */
  async linksByName() {
    await this.see('link')
    return this.page.$$eval('[data-testid=link-row]', (rows) =>
      Object.fromEntries(rows.map((r) => [r.querySelector('strong').innerText, r.querySelector('[data-testid=link]')?.value])),
    )
  }

  async links() {
    await this.see('link')
    return this.page.$$eval('[data-testid=link]', (fields) => fields.map((f) => f.value))
  }
}
