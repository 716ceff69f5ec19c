// Browsers watch the record: they cosign what goes on from what they saw, and cry out, all of them, when the host
// brings back an older state.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

/** How many events the page has checked. */
const checked = (person) => person.page.$eval('[data-testid=room]', (room) => Number(room.dataset.record))

async function grows(person, from) {
  let saw
  await until(`${person.name} has checked more than ${from} events`, 20_000, async () => {
    saw = await checked(person)
    return { ok: saw > from, saw }
  })
  return saw
}

/** By who presides, as a message of their page. */
async function acts(chair, ...messages) {
  for (const message of messages)
    await chair.page.evaluate((text) => window.sockets.at(-1).send(text), JSON.stringify(message))
}

/** A result: whose checkpoint all cosign. */
const decided = (id, item) => [
  { type: 'put_decision', decision: id, item, title: 'T', texts: [{ language: 'EN', text: 'We decide.' }], rule: { procedure: 'simple' }, excluded: [] },
  { type: 'call_decision', decision: id, version: 1 },
  { type: 'close_decision', decision: id },
]

const item = (id) => ({ type: 'put_item', item: id, title: `Item ${id}` })

scene(
  'the record',
  async (s) => {
    s.alarms = true
    const people = [
      { name: 'Red', role: 'chair' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
    ]
    const meeting = await s.server.meeting(people, { encryption: 'required' })
    const { links } = await s.server.invite(meeting.id)
    s.path = `/api/meetings/${meeting.id}/record/checkpoint`
    s.red = await Person.chromium({ name: 'Red', url: links.Red }, 'red')
    s.fox = await Person.firefox({ name: 'Fox', url: links.Fox })
    s.people = [s.red, s.fox]
    for (const person of s.people) await person.join()
  },
  {
    'is checked and cosigned by who is there': async ({ server, red, fox, path }) => {
      await acts(red, item('one'), ...decided('d', 'one'))
      await until('the checkpoint has both cosignatures', 20_000, async () => {
        const response = await fetch(server.origin + path, { headers: { authorization: `Bearer ${server.adminToken}` } })
        const saw = await response.text()
        return { ok: /\/person\/p1 .*\n.*\/person\/p2 /.test(saw), saw }
      })
      for (const person of [red, fox]) await grows(person, 3)
    },
    'goes on after the server was killed': async (s) => {
      const killed = await s.server.kill()
      killed.keep()
      await killed.again()
      const before = await checked(s.fox)
      // Who is back before the chair waits for them for a moment, outside the room.
      await until('both are back', 20_000, async () => {
        const saw = await Promise.all(s.people.map((p) => p.page.$$eval('[data-testid=room]', ([room]) => room?.dataset.link)))
        return { ok: saw.every((link) => link === 'online'), saw }
      })
      await acts(s.red, item('two'), item('three'), item('four'))
      for (const person of s.people) await grows(person, before + 3)
      for (const person of s.people) assert.equal(await person.page.$('[data-testid=record-alarm]'), null)
    },
    'that is rolled back is noticed by everybody': async (s) => {
      const killed = await s.server.kill()
      killed.rollBack()
      await killed.again()
      for (const person of s.people) {
        await person.see('record-alarm', 30_000)
        await person.reads(/The record of this meeting was changed/)
        const [ours, theirs] = await person.page.$$eval('[data-testid=record-alarm] button', (buttons) => {
          buttons[0].click()
          return new Promise((resolve) =>
            setTimeout(() => resolve(['ours', 'theirs'].map((which) => document.querySelector(`[data-testid=alarm-${which}]`).innerText))),
          )
        })
        for (const note of [ours, theirs]) assert.match(note, /^parley\/.*\n\d+\n/)
        assert.notEqual(ours, theirs)
      }
    },
  },
)
