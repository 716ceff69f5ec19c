// The connection panel, in both browsers: what each really tells by getStats.
import { Person } from './person.mjs'
import { scene } from './scene.mjs'

/** The panel is filled once two readings were made, and what is sent has reached the server. */
async function tells(person, patterns) {
  for (const pattern of patterns) await person.reads(pattern, 30_000)
}

scene(
  'the connection panel',
  async (s) => {
    s.meeting = await s.server.meeting([
      { name: 'Red', role: 'delegate', seat: 'NOR' },
      { name: 'Fox', role: 'delegate', seat: 'FRA' },
    ])
    s.red = await Person.chromium(s.meeting.invitations.Red, 'red')
    s.fox = await Person.firefox(s.meeting.invitations.Fox)
    s.people = [s.red, s.fox]
  },
  {
    'all come in': async ({ red, fox }) => {
      await red.join()
      await fox.join()
    },
    'it opens from the menu': async ({ people }) => {
      for (const person of people) {
        await person.click('more')
        await person.click('connection')
        await person.see('connection-panel')
      }
    },
    'it tells path, round trip, rates and loss': async ({ people }) => {
      for (const person of people) {
        await tells(person, [
          /direct, UDP, IPv4/,
          /Round trip\s+\d+\sms/,
          /Loss, sending\s+\d+\.\d\s%/,
          /Loss, receiving\s+\d+\.\d\s%/,
          /Bit rate, sending\s+[1-9][\d.]*\s[kM]bit\/s/,
          /Bit rate, receiving\s+[1-9][\d.]*\s[kM]bit\/s/,
        ])
      }
    },
    'and what is sent and received': async ({ red, fox }) => {
      await tells(red, [/Camera \(layer \w\)\s+VP8\s+\d+ × \d+, \d+\/s/, /Fox \(France\)\s+VP8\s+\d+ × \d+, \d+\/s/])
      await tells(fox, [/Camera \(layer \w\)\s+VP8\s+\d+ × \d+/, /Red \(Norway\)\s+VP8\s+\d+ × \d+, \d+\/s/])
    },
    'first in plain words, and last what the server sees': async ({ people }) => {
      for (const person of people) {
        await tells(person, [/Your line is good\./, /As the server sees it\s+Your address\s+[\d.]+:\d+/, /Pictures sent\s+1 of 1/])
      }
    },
    'and closes': async ({ red }) => {
      await red.click('panel-close')
      await red.page.waitForSelector('[data-testid=connection-panel]', { hidden: true, timeout: 10_000 })
    },
  },
)
