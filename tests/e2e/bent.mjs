// Pages whose peer connection is bent to one way through a network, and which way they really use.
import { until } from './until.mjs'

/** Before the page's scripts: relayed candidates only. With `ip`, the TURN server has that address:
 * Firefox uses none on the loopback. */
export function relayOnly(ip) {
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration, ...rest) {
      const at = (server) => ({ ...server, urls: ip ? server.urls.replace('127.0.0.1', ip) : server.urls })
      super({ ...configuration, iceServers: configuration.iceServers.map(at), iceTransportPolicy: 'relay' }, ...rest)
    }
  }
}

/** Before the page's scripts: of the server's candidates those by TCP only, and no TURN. */
export function tcpOnly() {
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

export const uses = (person, expected) =>
  until(`${person.name} comes by ${JSON.stringify(expected)}`, 20_000, async () => {
    const saw = await person.page.evaluate(path)
    return { ok: saw && Object.keys(expected).every((key) => saw[key] === expected[key]), saw }
  })
