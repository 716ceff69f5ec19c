// A participant: a browser with a link, and what one does and sees in it. The only file that knows
// the client's page, by its data-testid attributes.
import { chromium, firefox } from './browsers.mjs'
import { CAST, SCREEN } from './fakes.mjs'
import { colourOf, energy, flows, heard, played, tiles } from './probe.mjs'
import { until } from './until.mjs'

const JOIN_MS = 20_000

export class Person {
  /** In Chromium, with the camera and tone of a colour; without one it has neither device. */
  static async chromium(invitation, colour, options) {
    return new Person(await chromium(colour, options), invitation)
  }

  static async firefox(invitation) {
    return new Person(await firefox(), invitation)
  }

  constructor(browser, invitation) {
    this.browser = browser
    this.page = browser.page
    this.name = invitation.name
    this.url = invitation.url
  }

  async open() {
    await this.page.goto(this.url)
  }

  /** Comes in again with its camera in this codec. */
  async rejoin(codec) {
    await this.page.goto('about:blank')
    this.url = this.url.replace(/(\?codec=\w+)?#/, `?codec=${codec}#`)
    await this.join()
  }

  /** Opens the link, waits for the join page, and joins. */
  async join() {
    await this.open()
    await this.enter()
  }

  /** From the join page into the room. A link shared by many asks for a name. */
  async enter() {
    await this.see('join-page', JOIN_MS)
    if (await this.page.$('[data-testid=name-input]')) await this.page.type('[data-testid=name-input]', this.name)
    await this.click('join')
    await this.see('room', JOIN_MS)
  }

  /** Opens the link and joins, whatever comes of it. */
  async tryToJoin() {
    await this.open()
    await this.page.waitForSelector('[data-testid=join], [data-testid=problem]', { timeout: JOIN_MS })
    if (await this.page.$('[data-testid=join]')) await this.click('join')
  }

  async leave() {
    await this.click('leave')
    await this.see('left')
  }

  /** Opens a panel of the room, `people` or `chat`. */
  async panel(which) {
    if (!(await this.page.$(`[data-testid=${which}-panel]`))) await this.click(which)
    await this.see(`${which}-panel`)
  }

  async say(text) {
    await this.panel('chat')
    await this.page.type('[data-testid=chat-input]', text)
    await this.click('chat-send')
  }

  /** Waits until this text of the person is read by another. */
  async says(other, text) {
    await until(`${this.name} can write`, JOIN_MS, async () => {
      await this.panel('chat')
      const saw = await this.page.$eval('[data-testid=room]', (room) => room.dataset.link)
      return { ok: saw === 'online', saw }
    })
    await this.say(text)
    await other.panel('chat')
    await other.reads(new RegExp(text))
  }

  /** Waits for the page that says why there is no way in. */
  async problem(kind) {
    await this.see('problem', JOIN_MS)
    await this.page.waitForSelector(`[data-testid=problem][data-problem=${kind}]`, { timeout: JOIN_MS })
  }

  /** Opens the panel of encryption: the codes in it, the names of who holds keys, and what went wrong. */
  async encryption() {
    if (!(await this.page.$('[data-testid=encryption-panel]'))) await this.click('encryption')
    await this.see('encryption-panel')
    return this.page.evaluate(() => {
      const text = (id) => document.querySelector(`[data-testid=${id}]`)?.textContent.trim().replace(/\s+/g, ' ')
      const members = [...document.querySelectorAll('[data-testid=key-holders] li')].map((li) => li.innerText)
      const troubles = [...document.querySelectorAll('[data-testid=key-troubles] li')].map((li) => li.innerText)
      return { code: text('room-code'), fingerprint: text('fingerprint'), members, troubles }
    })
  }

  /** As the chair: the signed list no longer has them. */
  async revoke(name) {
    await this.encryption()
    await this.unlist(name)
  }

  /** The same, where the list is open. */
  async unlist(name) {
    await this.page.evaluate((name) => {
      const row = [...document.querySelectorAll('[data-testid=signed-list] li')].find((li) => li.innerText.includes(name))
      row.querySelector('[data-testid=revoke]').click()
    }, name)
    await this.click('confirm-yes')
  }

  /** What the tile of somebody says of their key. */
  doubt(name) {
    return this.page.evaluate((name) => {
      const tiles = [...document.querySelectorAll('[data-testid=tile]')]
      const tile = tiles.find((t) => t.querySelector('[data-testid=tile-name]').innerText.startsWith(name))
      return tile?.querySelector('[data-testid=tile-doubt]')?.textContent.trim()
    }, name)
  }

  /** May this person act on others? */
  async presides() {
    await this.panel('people')
    return (await this.page.$('[data-testid=person-menu]')) !== null
  }

  /** Opens the menu of somebody in the list of people, and chooses from it. */
  async act(name, action) {
    await this.panel('people')
    await this.page.evaluate((name) => {
      const row = [...document.querySelectorAll('[data-testid=person]')].find((r) => r.innerText.includes(name))
      row.querySelector('[data-testid=person-menu]').click()
    }, name)
    await this.click(action)
  }

  mute(name) {
    return this.act(name, 'mute')
  }

  async remove(name) {
    await this.act(name, 'remove')
    await this.click('confirm-yes')
  }

  async click(id) {
    const button = await this.page.waitForSelector(`[data-testid="${id}"]:not([disabled])`, { timeout: JOIN_MS, visible: true })
    // A click of the element itself: a tile that moves under the pointer is not what is tested.
    await button.evaluate((element) => element.click())
    await button.dispose()
  }

  /** Presses a button with the mouse, and gives what lets go of it. */
  async hold(id) {
    const button = await this.page.waitForSelector(`[data-testid="${id}"]:not([disabled])`, { timeout: JOIN_MS, visible: true })
    await button.hover()
    await this.page.mouse.down()
    return () => this.page.mouse.up()
  }

  /** Listens to a channel of interpretation, or to the floor alone. */
  async listen(language) {
    if (!(await this.page.$('[data-testid=interpretation-list]'))) await this.click('interpretation')
    await this.click(`channel-${language ?? 'floor'}`)
  }

  /** How loud the original stays, in percent. */
  async original(percent) {
    await this.page.$eval(
      '[data-testid=original]',
      (slider, percent) => {
        slider.value = percent
        slider.dispatchEvent(new Event('input', { bubbles: true }))
      },
      percent,
    )
  }

  /** As an interpreter: what comes in. */
  async relay(language) {
    await this.page.select('[data-testid=relay]', language ?? '')
  }

  /** Opens a tab of the meeting's panel. */
  async tab(which) {
    if (!(await this.page.$(`[data-testid=tab-${which}]`))) await this.click('meeting')
    await this.click(`tab-${which}`)
  }

  /** Chooses a file for the item of the agenda. */
  async attach(path) {
    const input = await this.page.waitForSelector('[data-testid=document-file]', { timeout: JOIN_MS })
    await input.uploadFile(path)
  }

  async openDocument(name) {
    await this.lists([name])
    await this.page.$$eval('[data-testid=document-open]', (all, name) => all.find((b) => b.innerText.includes(name)).click(), name)
  }

  /** Waits until exactly the documents with these names are listed, or at least them. */
  async lists(names, exactly = false) {
    await until(`${this.name} is listed ${names}`, JOIN_MS, async () => {
      const saw = await this.page.$$eval('[data-testid=document-open] .name', (all) => all.map((e) => e.innerText))
      return { ok: names.every((n) => saw.includes(n)) && (!exactly || saw.length === names.length), saw }
    })
  }

  /** Waits until a page of a PDF is drawn of which such a part is dark. */
  async drawn(least, most) {
    await until(`${this.name} sees a page drawn`, JOIN_MS, async () => {
      const saw = await this.page.evaluate(() => {
        const canvas = document.querySelector('[data-testid=pdf-page][data-drawn]')
        if (!canvas) return undefined
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
        let dark = 0
        for (let i = 0; i < data.length; i += 4) if (data[i] < 64) dark++
        return (4 * dark) / data.length
      })
      return { ok: saw >= least && saw <= most, saw }
    })
  }

  /** Waits until the element says something that matches, seen or not. */
  async readsIn(id, pattern) {
    await until(`${this.name}'s ${id} says ${pattern}`, JOIN_MS, async () => {
      const saw = await this.page.evaluate((id) => document.querySelector(`[data-testid="${id}"]`)?.textContent, id)
      return { ok: pattern.test(saw ?? ''), saw }
    })
  }

  async see(id, ms = 10_000) {
    await this.page.waitForSelector(`[data-testid="${id}"]`, { timeout: ms, visible: true })
  }

  text() {
    return this.page.evaluate(() => document.body.innerText)
  }

  /** Waits until the page says something that matches. */
  async reads(pattern, ms = 10_000) {
    await until(`${this.name}'s page says ${pattern}`, ms, async () => {
      const text = await this.text()
      return { ok: pattern.test(text), saw: text }
    })
  }

  tiles() {
    return this.page.evaluate(tiles)
  }

  /** The tile of somebody by name, as probe.mjs tells it, or undefined. */
  async tile(name, kind = 'camera') {
    return (await this.tiles()).find((t) => t.kind === kind && t.name === name)
  }

  /** Waits until the tiles show exactly these colours of the cast, by name: {Alice: 'red'}; null
   * stands for a tile without a picture. People who are not named are not looked at. */
  async shows(expected, ms = 15_000) {
    await until(`${this.name} sees ${JSON.stringify(expected)}`, ms, async () => {
      const all = await this.tiles()
      const saw = Object.fromEntries(
        Object.keys(expected).map((name) => {
          const tile = all.find((t) => t.kind === 'camera' && t.name === name)
          return [name, tile ? (tile.rgb ? colourOf(tile.rgb, CAST) : null) : 'no tile']
        }),
      )
      return { ok: Object.keys(expected).every((name) => saw[name] === expected[name]), saw }
    })
  }

  /** Waits until a shared screen is seen, with the picture of the tests, or none. */
  async seesScreen(there, ms = 15_000) {
    await until(`${this.name} ${there ? 'sees' : 'no longer sees'} the screen`, ms, async () => {
      const saw = (await this.tiles()).find((t) => t.kind === 'screen')
      return { ok: there ? saw?.rgb && colourOf(saw.rgb, { SCREEN }) === 'SCREEN' : saw === undefined, saw }
    })
  }

  /** Waits until nobody of this name has a tile. */
  async misses(name, ms = 20_000) {
    await until(`${this.name} no longer sees ${name}`, ms, async () => {
      const saw = (await this.tiles()).map((t) => t.name)
      return { ok: !saw.includes(name), saw }
    })
  }

  /** Waits until exactly these tones are heard, each in its person's slot, by name: {Alice: 440}; for
   * a second without a gap. */
  async hears(expected, ms = 15_000) {
    let since
    await until(`${this.name} hears ${JSON.stringify(expected)}`, ms, async () => {
      const saw = await this.page.evaluate(heard)
      const right =
        saw.length === Object.keys(expected).length &&
        saw.every(({ hz, name }) => Math.abs(hz - expected[name]) < TONE_TOLERANCE_HZ)
      if (!right) since = undefined
      else since ??= Date.now()
      return { ok: right && Date.now() - since >= 1_000, saw }
    })
  }

  /** Waits until exactly these people are played, this loud: {Alice: 0.2}; 1 is as loud as it came. */
  async plays(expected, ms = 10_000) {
    await until(`${this.name} plays ${JSON.stringify(expected)}`, ms, async () => {
      const saw = await this.page.evaluate(played)
      const names = Object.keys(saw)
      const right = (name) => Math.abs(saw[name] - expected[name]) < 0.01
      return { ok: names.length === Object.keys(expected).length && names.every(right), saw }
    })
  }

  /** Waits until these people's pictures come in these codecs, {Alice: 'AV1'}; `fits` may ask more of
   * what the statistics say of each. */
  async receives(expected, fits = () => true, ms = 15_000) {
    await until(`${this.name} receives ${JSON.stringify(expected)}`, ms, async () => {
      const all = await this.flows()
      const saw = all.filter((f) => f.received && f.kind === 'video' && f.name in expected && f.packets > 0)
      const ok = Object.keys(expected).every((name) => saw.some((f) => f.name === name && f.codec === expected[name] && fits(f)))
      return { ok, saw }
    })
  }

  /** What the statistics tell of all that flows (probe.mjs). */
  flows() {
    return this.page.evaluate(flows)
  }

  energy() {
    return this.page.evaluate(energy)
  }

  close() {
    return this.browser.close()
  }
}

// The next tone of the cast is 220 Hz away; a headless browser's audio clock may be 5 % slow.
const TONE_TOLERANCE_HZ = 60
