// Pages and panels that the other tests pass by, looked at: pictures in light and dark, axe, and 400 % zoom.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { everywhere, look, reflows, SIZES } from './look.mjs'
import { scene } from './scene.mjs'
import { Secretary } from './secretary.mjs'

scene(
  'looks',
  async (s) => {
    s.meeting = await s.server.meeting([
      { name: 'Anna-Charlotte von Hohenfels-Wartenberg', role: 'chair' },
      { name: 'عبد الله الهاشمي', role: 'delegate', seat: 'FRA' },
    ])
    const [anna, abd] = Object.values(s.meeting.invitations)
    s.anna = await Person.chromium(anna, 'red')
    s.abd = await Person.chromium(abd)
    s.people = [s.anna, s.abd]
    await s.anna.page.setViewport(SIZES.desktop)
  },
  {
    'the page without a link takes one that is pasted': async ({ anna, server }) => {
      await anna.page.goto(server.origin)
      await anna.see('pasted')
      await look(anna.page, 'look-home')
      await anna.page.type('[data-testid=pasted]', `${server.origin}/prepare`)
      await anna.click('pasted-open')
      await anna.reads(/not a link to a meeting/)
      await anna.page.$eval('[data-testid=pasted]', (field) => (field.value = ''))
      await anna.page.type('[data-testid=pasted]', anna.url)
      await anna.click('pasted-open')
      await anna.see('join-page')
    },
    'a link that opens nothing': async ({ anna, server }) => {
      await anna.page.goto(`${server.origin}/m/none#1.x`)
      await anna.see('problem')
      await look(anna.page, 'look-problem')
    },
    'before joining, with a camera and without': async ({ anna, abd }) => {
      await anna.open()
      await anna.see('join-page')
      await anna.see('level')
      await everywhere(anna.page, 'look-join')
      await reflows(anna.page, 'look-join')
      await abd.open()
      await abd.see('join-page')
      await look(abd.page, 'look-join-nothing')
    },
    'the room, alone and with another': async ({ anna, abd }) => {
      await anna.enter()
      await anna.see('alone')
      await look(anna.page, 'look-alone')
      await abd.enter()
      await anna.reads(/الهاشمي/)
      await everywhere(anna.page, 'look-room')
      await reflows(anna.page, 'look-room')
    },
    'its panels and menus': async ({ anna }) => {
      for (const panel of ['people', 'chat']) {
        await anna.panel(panel)
        await look(anna.page, `look-${panel}`)
      }
      for (const item of ['connection', 'shortcuts']) {
        await anna.click('more')
        await look(anna.page, 'look-more')
        await anna.click(item)
        await look(anna.page, `look-${item}`)
      }
      await anna.page.keyboard.press('Escape')
    },
    'after leaving': async ({ anna }) => {
      await anna.leave()
      await look(anna.page, 'look-left')
    },
    'preparing': async ({ anna, server }) => {
      const secretary = new Secretary({ page: anna.page }, server)
      await anna.page.goto(secretary.url)
      await secretary.see('admin-token')
      await look(anna.page, 'look-prepare-token')
      await secretary.enter(server.adminToken)
      await secretary.see('new-meeting')
      await look(anna.page, 'look-prepare')
      await secretary.openFirst()
      await everywhere(anna.page, 'look-editor')
      await reflows(anna.page, 'look-editor')
    },
    'as an application of its own': async ({ anna, server }) => {
      const { data, errors } = await (await anna.page.createCDPSession()).send('Page.getAppManifest')
      assert.equal(JSON.parse(data).display, 'standalone')
      assert.deepEqual(errors, [])
      for (const { src } of JSON.parse(data).icons) assert.equal((await fetch(server.origin + src)).status, 200, src)
    },
    'verifying, and the design': async ({ anna, server }) => {
      await anna.page.goto(`${server.origin}/verify`)
      await anna.page.waitForSelector('main')
      await look(anna.page, 'look-verify')
      await anna.page.goto(`${server.origin}/design`)
      await anna.page.waitForSelector('main')
      await everywhere(anna.page, 'look-design')
    },
  },
)
