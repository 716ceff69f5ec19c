// The page where a secretary prepares a meeting, without ever seeing JSON; and that its links open it.
import assert from 'node:assert/strict'
import { chromium } from './browsers.mjs'
import { Person } from './person.mjs'
import { scene } from './scene.mjs'
import { Secretary } from './secretary.mjs'

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const TITLE = 'Military Committee, virtual session'

scene(
  'preparation',
  async (s) => {
    s.secretary = new Secretary(await chromium(), s.server)
    s.people = [s.secretary]
  },
  {
    'a wrong token opens nothing': async ({ secretary }) => {
      await secretary.enter('x'.repeat(43))
      await secretary.reads('prepare-problem', /not the administrator's token/)
    },
    'the right one does': async ({ secretary, server }) => {
      await secretary.enter(server.adminToken)
      await secretary.click('new-meeting')
    },
    'all that is missing is shown at its field': async ({ secretary }) => {
      await secretary.click('save')
      await secretary.reads('save-state', /3 things are missing/)
      assert.equal(await secretary.focused(), 'title')
      await secretary.fill('prepare-title', TITLE)
      await secretary.fill('prepare-body', 'Military Committee')
      await secretary.fill('prepare-marking', 'Releasable to members')
      await secretary.fill('prepare-quorum', '2')
    },
    'seats of a body, and one more': async ({ secretary }) => {
      await secretary.part('seats')
      await secretary.choose('add-body', 'nb8')
      await secretary.click('add-body-go')
      await secretary.choose('add-country', 'UA')
      await secretary.click('add-country-go')
      await secretary.reads('seats-number', /^9 members$/)
    },
    'agenda, outside party, options paper, register': async ({ secretary }) => {
      await secretary.part('agenda')
      await secretary.fill('item-title', 'Security guarantees')
      await secretary.part('parties')
      await secretary.click('add-party')
      await secretary.choose('party-country', 'RU')
      await secretary.part('papers')
      await secretary.click('add-paper')
      await secretary.fill('paper-title', 'Guarantees: options')
      await secretary.fill('question-text', 'Troops?')
      await secretary.click('add-option')
      await secretary.fill('option-title', 'Reassurance force')
      await secretary.fill('option-answer', 'Yes')
      await secretary.tick('option-touches')
      await secretary.part('register')
      await secretary.click('add-line')
      await secretary.fill('entry-red-line', 'No foreign troops')
      await secretary.fill('entry-source', 'Press conference of 18 August')
      await secretary.tick('entry-crossed')
    },
    'a decision, and people': async ({ secretary }) => {
      await secretary.part('decisions')
      await secretary.click('add-decision')
      await secretary.fill('decision-title', 'Advice on guarantees')
      await secretary.fill('decision-text', 'The Committee advises the reassurance force.')
      await secretary.choose('rule', 'silence')
      await secretary.choose('decision-adopts', 'paper1 o1')
      await secretary.part('people')
      await secretary.fill('person-name', 'Adm. Chair')
      await secretary.click('add-heads')
      await secretary.reads('people-number', /^10 people$/)
    },
    'what the server says stands at its field': async ({ secretary }) => {
      await secretary.part('decisions')
      await secretary.fill('decision-text', 'x'.repeat(16_001))
      await secretary.click('save')
      await secretary.makeKey('correct horse battery')
      await secretary.until('the focus is on the text', async () => (await secretary.focused()) === 'decisions.0.texts.0.text')
      await secretary.fill('decision-text', 'The Committee advises the reassurance force.')
    },
    'it is made, and has a link for each': async (s) => {
      await s.secretary.click('save')
      s.links = await s.secretary.links()
      assert.equal(s.links.length, 10)
      await s.secretary.click('qr-open')
      await s.secretary.see('qr')
    },
    'as it was prepared': async ({ secretary, server }) => {
      const { meetings } = await server.api('GET', '/api/meetings')
      assert.deepEqual(meetings.map((m) => m.title), [TITLE])
      const made = await server.api('GET', `/api/meetings/${meetings[0].id}`)
      assert.deepEqual(made.prepared.map((a) => a.act), ['put_item', 'put_party', 'put_paper', 'put_option', 'state_red_line', 'put_decision'])
      assert.equal(made.quorum, 2)
      assert.equal(made.people[1].seat, 'DNK')
      await secretary.again()
      await secretary.openFirst()
      await secretary.part('seats')
      await secretary.reads('seats-number', /^9 members$/)
    },
    'a document is added to an item': async ({ secretary }) => {
      await secretary.part('agenda')
      await secretary.attach('map.png', PNG)
      await secretary.reads('item-documents', /map\.png · 70\sbytes/)
    },
    'it is changed while nobody came': async ({ secretary, server, links }) => {
      await secretary.part('meeting')
      await secretary.fill('prepare-title', `${TITLE}, amended`)
      await secretary.part('people')
      await secretary.click('add-person')
      await secretary.fill('person-name', 'Observer', -1)
      await secretary.choose('person-role', 'observer', -1)
      await secretary.click('save')
      await secretary.reads('save-state', /^Saved$/)
      const { meetings } = await server.api('GET', '/api/meetings')
      assert.deepEqual(meetings.map((m) => m.title), [`${TITLE}, amended`])
      await secretary.part('links')
      const fresh = await secretary.links()
      assert.equal(fresh.length, 1) // of the new person; the others keep theirs
      assert.ok(!links.includes(fresh[0]))
    },
    'the link opens it': async (s) => {
      s.chair = await Person.chromium({ name: 'Adm. Chair', url: s.links[0] })
      s.people.push(s.chair)
      await s.chair.join()
      await s.chair.reads(/Military Committee, virtual session, amended/)
    },
    'after that it is changed in the meeting only': async ({ secretary }) => {
      await secretary.part('meeting')
      await secretary.fill('prepare-title', TITLE)
      await secretary.click('save')
      await secretary.reads('save-state', /came|come/)
    },
  },
)
