import { startServer } from './server.mjs'
import { Person } from './person.mjs'
import { closeAll } from './browsers.mjs'
const server = await startServer()
try {
  const { invitations } = await server.meeting([
    { name: 'Solveig Lindqvist', role: 'chair' },
    { name: 'Ingrid Haugen', role: 'delegate', seat: 'NOR' },
    { name: 'Claire Petit', role: 'delegate', seat: 'FRA' },
  ], { title: 'Extraordinary session on the security guarantees', marking: 'RELEASABLE TO MEMBERS' })
  const a = await Person.chromium(invitations['Solveig Lindqvist'], 'red')
  const b = await Person.chromium(invitations['Ingrid Haugen'], 'green')
  const f = await Person.firefox(invitations['Claire Petit'])
  for (const p of [a,b]) await p.page.setViewport({width:1440,height:900})
  await b.open(); await b.see('join-page'); await new Promise(r=>setTimeout(r,1500))
  await b.page.screenshot({path:'/tmp/s-join.png'})
  await a.join(); await b.enter(); await f.join()
  await new Promise(r=>setTimeout(r,5000))
  await a.page.screenshot({path:'/tmp/s-room.png'})
  await f.page.screenshot({path:'/tmp/s-room-ff.png'})
  await b.say('Good morning from Oslo.')
  await a.panel('people'); await new Promise(r=>setTimeout(r,800))
  await a.page.screenshot({path:'/tmp/s-people.png'})
  await b.page.setViewport({width:390,height:844}); await new Promise(r=>setTimeout(r,1200))
  await b.page.screenshot({path:'/tmp/s-phone.png'})
} finally { await closeAll(); await server.stop() }
