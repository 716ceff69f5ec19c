// Networks that let only TCP out: a browser that may use nothing but TURN, and one that sees nothing
// but ICE-TCP, meet one that uses UDP. The page's own client runs; only its peer connection is bent.
import assert from 'node:assert/strict'
import { Person } from './person.mjs'
import { CAST } from './fakes.mjs'
import { scene } from './scene.mjs'
import { startServer } from './server.mjs'
import { until } from './until.mjs'

/** Before the page's scripts: relayed candidates only. */
function relayOnly() {
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration, ...rest) {
      super({ ...configuration, iceTransportPolicy: 'relay' }, ...rest)
    }
  }
}

/** Before the page's scripts: of the server's candidates those by TCP only, and no TURN. */
function tcpOnly() {
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration, ...rest) {
      super({ ...configuration, iceServers: [] }, ...rest)
    }
    setRemoteDescription({ type, sdp }) {
      return super.setRemoteDescription({ type, sdp: sdp.replace(/^a=candidate:\S+ 1 udp .*\r\n/gm, '') })
    }
  }
}

/** In the page: the selected pair of the connection in use. */
async function path() {
  const stats = await window.__parley.pc.getStats()
  const all = [...stats.values()]
  const transport = all.find((s) => s.type === 'transport')
  const pair = transport?.selectedCandidatePairId
    ? stats.get(transport.selectedCandidatePairId)
    : all.find((s) => s.type === 'candidate-pair' && s.selected) // Firefox
  const local = pair && stats.get(pair.localCandidateId)
  return local && { type: local.candidateType, protocol: local.protocol, relay: local.relayProtocol }
}

const uses = (person, expected) =>
  until(`${person.name} comes by ${JSON.stringify(expected)}`, 20_000, async () => {
    const saw = await person.page.evaluate(path)
    return { ok: saw && Object.keys(expected).every((key) => saw[key] === expected[key]), saw }
  })

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
    'they leave and are gone': async ({ udp, turn, tcp }) => {
      await turn.leave()
      await udp.misses('Turn')
      await tcp.misses('Turn')
      await tcp.leave()
      await udp.misses('Tcp')
    },
  },
)
