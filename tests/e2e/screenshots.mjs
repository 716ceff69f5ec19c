// Pictures of the page in all of its states, for people to look at: build/screenshots, with an index.html. What is
// measured is how many there are; what they show is judged by eye. usage: screenshots.mjs [--quick]
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { closeAll } from './browsers.mjs'
import { Person } from './person.mjs'
import { Secretary } from './secretary.mjs'
import { startDemo, startServer } from './server.mjs'
import { until } from './until.mjs'

const quick = process.argv.includes('--quick')
const FOLDER = fileURLToPath(new URL('../../build/screenshots/', import.meta.url))
const SIZES = quick
  ? { 1440: [1440, 900], 390: [390, 844] }
  : { 1440: [1440, 900], 1024: [1024, 768], 768: [768, 1024], 390: [390, 844] }
const THEMES = quick ? ['light'] : ['light', 'dark']
/** People in the council, the chair among them; the others are simulated. */
const COUNCILS = quick ? [12] : [2, 5, 12, 32]
const SETTLE_MS = quick ? 200 : 350
const COME_MS = 30_000

const CHAIR = 'Solveig Lindqvist'
const NORWAY = 'Ingrid Haugland'
const shots = []
const trouble = []

const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** The page as it stands, in every size and theme. */
async function shoot(page, group, name) {
  for (const theme of THEMES) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }])
    for (const [size, [width, height]] of Object.entries(SIZES)) {
      await page.setViewport({ width, height })
      await rest(SETTLE_MS)
      const file = `${group}-${name}-${size}-${theme}.png`
      await page.screenshot({ path: FOLDER + file })
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (wide > 0) trouble.push(`${file}: ${wide} pixels wider than its window`)
      shots.push({ group, name, size, theme, file })
    }
  }
  await page.setViewport({ width: 1440, height: 900 })
  await rest(SETTLE_MS)
}

/** Left out of a quick run: much like others. */
const SLOW = ['problem', 'verify', 'docs-delegate', 'design', 'token', 'menu', 'register', 'agenda', 'floor', 'names-french']

/** One state after the other; what cannot be reached is told, and the others go on. */
async function states(group, page, all) {
  for (const [name, reach] of Object.entries(all)) {
    try {
      await reach()
      if (quick && (SLOW.includes(name) || SLOW.includes(group))) continue
      await shoot(page, group, name)
    } catch (error) {
      trouble.push(`${group}-${name}: ${error.message.split('\n')[0]}`)
    }
  }
}

const inFrench = (person) => person.page.evaluateOnNewDocument(() => localStorage.setItem('parley:language', 'fr'))

const LONG = [
  { name: 'Anna-Charlotte von Hohenfels-Wartenberg-Rosenstein', role: 'chair' },
  { name: 'عبد الله بن عبد الرحمن الهاشمي', role: 'delegate', seat: 'EMB' },
  { name: 'Maximiliana Constantinopoulou-Papadimitriou', role: 'delegate', seat: 'MKD' },
]
const LONG_MEETING = {
  title: 'Extraordinary session of the Committee on the Coordination of Civil Protection and Emergency Preparedness',
  marking: 'RELEASABLE TO MEMBERS AND INVITED PARTIES',
  body: 'Permanent Conference of the Signatories',
  floor: 'chaired',
  lobby: true,
  seats: [
    { id: 'EMB', name: 'دولة الإمارات العربية المتحدة', country: 'AE' },
    { id: 'MKD', name: 'Bosnia and Herzegovina and the Neighbouring Regions', country: 'BA' },
  ],
}

/** The join page, the lobby, the room with long names and no cameras, and what is outside of meetings. */
async function alone() {
  const server = await startServer()
  const { invitations } = await server.meeting(LONG, LONG_MEETING)
  const [anna, abd, max] = await Promise.all([
    Person.chromium(invitations[LONG[0].name], 'red'),
    Person.chromium(invitations[LONG[1].name]),
    Person.chromium(invitations[LONG[2].name]),
  ])
  await inFrench(abd)
  const { page } = anna
  await states('outside', page, {
    home: () => page.goto(server.origin),
    problem: () => page.goto(`${server.origin}/m/none#1.x`),
    join: async () => {
      await anna.open()
      await anna.see('level')
    },
    verify: () => page.goto(`${server.origin}/verify`),
    docs: () => page.goto(`${server.origin}/docs`),
    'docs-delegate': () => page.goto(`${server.origin}/docs/delegate`),
    design: () => page.goto(`${server.origin}/design`),
  })
  const secretary = new Secretary({ page }, server)
  await states('prepare', page, {
    token: () => page.goto(secretary.url),
    meetings: async () => {
      await secretary.enter(server.adminToken)
      await secretary.see('new-meeting')
    },
    meeting: () => secretary.openFirst(),
  })
  await states('lobby', abd.page, {
    'join-french-no-camera': () => abd.open(),
    waiting: async () => {
      await abd.tryToJoin()
      await rest(1_000)
    },
  })
  await states('names', page, {
    'chair-asked': async () => {
      await anna.join()
      await max.tryToJoin()
      await anna.see('console-admit-all')
    },
    room: async () => {
      await anna.click('console-admit-all')
      await abd.see('room')
      await anna.page.keyboard.press('Escape') // the panel
    },
    people: () => anna.panel('people'),
  })
  await states('names-french', abd.page, { desk: () => rest(500), chat: () => abd.panel('chat') })
  await closeAll()
  await server.stop()
}

/** The printed link of somebody in the meeting that is not encrypted. */
const link = (log, name) => new RegExp(`^.*${name}: +(\\S+)$`, 'm').exec(log)[1]

const view = (person, layout) => async () => {
  await person.click('more')
  await person.click(`view-${layout}`)
  await rest(1_000)
}

/** A council of so many: the views of it; once also the chair's console and a delegation's desk. */
async function council(people, whole) {
  const server = await startDemo('--seats', String(people - 1))
  const group = `council-${people}`
  const chair = await Person.chromium({ name: CHAIR, url: link(server.log, CHAIR) }, 'red')
  await chair.page.setViewport({ width: 1440, height: 900 })
  await chair.join()
  await until('the council is here', COME_MS, async () => {
    const saw = await chair.page.$eval('[data-testid=people]', (button) => button.textContent)
    return { ok: Number(/\d+/.exec(saw)?.[0]) >= people, saw }
  })
  await rest(3_000)
  const { page } = chair
  await page.keyboard.press('Escape') // the panel
  await states(group, page, {
    stage: view(chair, 'floor'),
    people: view(chair, 'people'),
    council: view(chair, 'council'),
  })
  if (whole) await procedure(server, chair, group)
  await closeAll()
  await server.stop()
}

async function procedure(server, chair, group) {
  const norway = await Person.chromium({ name: NORWAY, url: link(server.log, NORWAY) }, 'blue')
  await inFrench(norway)
  await norway.join()
  const { page } = chair
  const tab = (which) => () => chair.tab(which)
  await states(`${group}-chair`, page, {
    console: tab('desk'),
    floor: tab('floor'),
    agenda: tab('agenda'),
    decisions: tab('decisions'),
    people: () => chair.panel('people'),
    menu: () => chair.click('more'),
    options: async () => {
      await page.keyboard.press('Escape')
      await chair.click('options')
    },
    register: () => chair.click('register'),
    minutes: async () => {
      await page.keyboard.press('Escape')
      await chair.tab('minutes')
    },
  })
  await page.keyboard.press('Escape')
  await chair.tab('decisions')
  await states(`${group}-decision`, page, {
    deadline: async () => {
      await chair.click('decision-call')
      await page.click('[data-testid=silence] .acts button')
    },
    warned: async () => {
      await chair.click('silence-submit')
      await chair.see('acknowledge')
    },
    called: async () => {
      await page.type('[data-testid=reason]', 'Ukraine hears of it today, by the secretary.')
      await chair.click('acknowledge-submit')
      await page.waitForSelector('[data-testid=acknowledge]', { hidden: true })
    },
  })
  await states(`${group}-delegate-french`, norway.page, {
    desk: async () => {
      await norway.tab('desk')
      await norway.see('vote-card')
    },
    decisions: () => norway.tab('decisions'),
    options: () => norway.click('options'),
  })
}

function index() {
  const groups = Object.groupBy ? Object.groupBy(shots, (s) => `${s.group}: ${s.name}`) : undefined
  const of = groups ?? shots.reduce((all, s) => ({ ...all, [`${s.group}: ${s.name}`]: [...(all[`${s.group}: ${s.name}`] ?? []), s] }), {})
  const figure = (s) =>
    `<figure><a href="${s.file}"><img src="${s.file}" alt="" loading="lazy"></a><figcaption>${s.size}, ${s.theme}</figcaption></figure>`
  const body = Object.entries(of).map(([title, list]) => `<h2>${title}</h2><div>${list.map(figure).join('')}</div>`)
  return `<!doctype html><meta charset="utf-8"><title>Screenshots</title>
<style>body{font:16px system-ui;margin:24px}div{display:flex;flex-wrap:wrap;gap:16px;align-items:end}img{height:260px;border:1px solid #999}figure{margin:0}figcaption{color:#555}</style>
<h1>${shots.length} screenshots</h1>${trouble.map((text) => `<p>${text}</p>`).join('')}${body.join('\n')}`
}

const began = Date.now()
rmSync(FOLDER, { recursive: true, force: true })
mkdirSync(FOLDER, { recursive: true })
try {
  await alone()
  for (const people of COUNCILS) await council(people, people === 12)
} finally {
  await closeAll()
  writeFileSync(`${FOLDER}index.html`, index())
}
for (const text of trouble) console.error(text)
console.log(JSON.stringify({ screenshots: shots.length, trouble, seconds: Math.round((Date.now() - began) / 1000), quick, folder: 'build/screenshots' }))
process.exitCode = trouble.length > 0 ? 1 : 0
