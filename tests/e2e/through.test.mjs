// Networks that let only TCP out: browsers that may use nothing but TURN, in TLS or not, and ones
// that see nothing but ICE-TCP, meet one that uses UDP. The page's own client runs; only its peer
// connection is bent.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { relayOnly, tcpOnly, uses } from './bent.mjs'
import { Person } from './person.mjs'
import { CAST } from './fakes.mjs'
import { scene } from './scene.mjs'
import { startServer } from './server.mjs'

const ADDRESS = Object.values(networkInterfaces()).flat().find((a) => a.family === 'IPv4' && !a.internal)?.address

scene(
  'through',
  async (s) => {
    await s.server.stop()
    s.server = await startServer('--turn', '0.0.0.0:0')
    const { invitations } = (s.meeting = await s.server.meeting([
      { name: 'Udp', role: 'chair' },
      { name: 'Turn', role: 'delegate', seat: 'NOR' },
      { name: 'Tcp', role: 'delegate', seat: 'FRA' },
      { name: 'Fox', role: 'delegate', seat: 'CAN' },
      { name: 'Vixen', role: 'delegate', seat: 'CAN' },
    ]))
    s.udp = await Person.chromium(invitations.Udp, 'red')
    s.turn = await Person.chromium(invitations.Turn, 'green')
    s.tcp = await Person.chromium(invitations.Tcp, 'blue')
    s.people = [s.udp, s.turn, s.tcp]
    await s.turn.page.evaluateOnNewDocument(relayOnly)
    await s.tcp.page.evaluateOnNewDocument(tcpOnly)
  },
  {
    'one comes by UDP': async ({ udp }) => {
      await udp.join()
      await uses(udp, { type: 'host', protocol: 'udp' })
    },
    'one by TURN alone': async ({ udp, turn }) => {
      await turn.join()
      await uses(turn, { type: 'relay', relay: 'tcp' })
      await turn.shows({ Udp: 'red' })
      await udp.shows({ Turn: 'green' })
    },
    'one by ICE-TCP alone': async ({ udp, turn, tcp }) => {
      await tcp.join()
      await uses(tcp, { protocol: 'tcp' })
      await tcp.shows({ Udp: 'red', Turn: 'green' })
      await udp.shows({ Turn: 'green', Tcp: 'blue' })
      await turn.shows({ Udp: 'red', Tcp: 'blue' })
    },
    'they hear each other': async ({ udp, turn, tcp }) => {
      await turn.hears({ Udp: CAST.red.hz, Tcp: CAST.blue.hz })
      await tcp.hears({ Udp: CAST.red.hz, Turn: CAST.green.hz })
      await udp.hears({ Turn: CAST.green.hz, Tcp: CAST.blue.hz })
    },
    'a Firefox by ICE-TCP alone, and another by TURN alone': async (s) => {
      const { invitations } = s.meeting
      for (const [name, bend, expected] of [
        ['Fox', tcpOnly, { protocol: 'tcp' }],
        ['Vixen', relayOnly, { type: 'relay', relay: 'tcp' }],
      ]) {
        const fox = await Person.firefox(invitations[name])
        s.people.push(fox)
        await fox.page.evaluateOnNewDocument(bend, ADDRESS)
        await fox.join()
        await uses(fox, expected)
        await fox.shows({ Udp: 'red', Turn: 'green', Tcp: 'blue' })
        await fox.leave()
        await s.udp.misses(name)
        await fox.close()
      }
    },
    'they leave and are gone': async ({ udp, turn, tcp }) => {
      await turn.leave()
      await udp.misses('Turn')
      await tcp.misses('Turn')
      await tcp.leave()
      await udp.misses('Tcp')
    },
  },
)

// Everything on the port of HTTPS, as a firewall wants it that looks into nothing but TLS. The
// certificate is nobody's, which browsers accept for TURN as little as for a page.
scene(
  'through TLS',
  async (s) => {
    await s.server.stop()
    s.folder = mkdtempSync(join(tmpdir(), 'parley-e2e-tls-'))
    const [key, certificate] = ['key.pem', 'cert.pem'].map((name) => join(s.folder, name))
    const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost']
    execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0' // for the requests of the test itself
    s.server = await startServer('--tls-cert', certificate, '--tls-key', key)
    const { invitations } = await s.server.meeting([
      { name: 'Udp', role: 'chair' },
      { name: 'Turn', role: 'delegate', seat: 'NOR' },
    ])
    const trusting = { args: ['--ignore-certificate-errors'] }
    s.udp = await Person.chromium(invitations.Udp, 'red', trusting)
    s.turn = await Person.chromium(invitations.Turn, 'green', trusting)
    s.people = [s.udp, s.turn]
    await s.turn.page.evaluateOnNewDocument(relayOnly)
  },
  {
    'one by UDP meets one by TURN alone': async ({ udp, turn }) => {
      await udp.join()
      await turn.join()
      await uses(udp, { type: 'host', protocol: 'udp' })
      await uses(turn, { type: 'relay', relay: 'tls' })
      await turn.shows({ Udp: 'red' })
      await udp.shows({ Turn: 'green' })
      await turn.hears({ Udp: CAST.red.hz })
      await udp.hears({ Turn: CAST.green.hz })
    },
    'the certificate is put away': ({ folder }) => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      rmSync(folder, { recursive: true, force: true })
    },
  },
)
