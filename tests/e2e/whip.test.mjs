// WHIP and WHEP spoken by a page script, with nothing of our client: an encoder's and a player's
// view of the server.
import assert from 'node:assert/strict'
import { chromium } from './browsers.mjs'
import { CAST } from './fakes.mjs'
import { Person } from './person.mjs'
import { colourOf, heard } from './probe.mjs'
import { scene } from './scene.mjs'
import { until } from './until.mjs'

/** In the page: sends the camera and microphone to a WHIP endpoint, or receives from a WHEP one. */
async function speak({ endpoint, token, publish }) {
  const connection = new RTCPeerConnection()
  if (publish) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } })
    for (const track of stream.getTracks()) connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] })
  } else {
    for (const kind of ['audio', 'video', 'audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' })
    connection.ontrack = ({ track }) => {
      const element = document.createElement(track.kind)
      element.srcObject = new MediaStream([track])
      element.autoplay = element.muted = true
      const tile = document.createElement('div')
      tile.append(element)
      document.body.append(tile)
    }
  }
  await connection.setLocalDescription()
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' },
    body: connection.localDescription.sdp,
  })
  const body = await response.text()
  if (response.status === 201) {
    await connection.setRemoteDescription({ type: 'answer', sdp: body })
    window.session = { location: new URL(response.headers.get('location'), endpoint).href, token }
  }
  return { status: response.status, type: response.headers.get('content-type'), body }
}

/** In the page: ends the session made by `speak`. */
async function end() {
  const { location, token } = window.session
  const response = await fetch(location, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
  return response.status
}

/** In the page: the mean colour of each playing video. */
function colours() {
  return [...document.querySelectorAll('video')]
    .filter((video) => video.videoWidth)
    .map((video) => {
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = 1
      const context = canvas.getContext('2d')
      context.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 2, 0, 0, 1, 1)
      return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]
    })
}

scene(
  'whip and whep',
  async (s) => {
    s.meeting = await s.server.meeting([
      { name: 'Encoder', role: 'delegate', seat: 'NOR' },
      { name: 'Player', role: 'observer' },
      { name: 'Blue', role: 'delegate', seat: 'FRA' },
    ])
    const bare = async (colour) => {
      const browser = await chromium(colour)
      await browser.page.goto(s.server.origin + '/', { waitUntil: 'domcontentloaded' })
      return browser
    }
    s.encoder = await bare('green')
    s.player = await bare('red')
    s.blue = await Person.chromium(s.meeting.invitations.Blue, 'blue')
    s.people = [{ name: 'encoder', browser: s.encoder, page: s.encoder.page }, { name: 'player', browser: s.player, page: s.player.page }, s.blue]
    s.ask = (browser, name, publish) =>
      browser.page.evaluate(speak, {
        endpoint: `${s.server.origin}/${publish ? 'whip' : 'whep'}/${s.meeting.id}`,
        token: s.meeting.invitations[name].token,
        publish,
      })
  },
  {
    'an encoder publishes': async ({ ask, encoder }) => {
      const { status, type, body } = await ask(encoder, 'Encoder', true)
      assert.equal(status, 201, body)
      assert.equal(type, 'application/sdp')
    },
    'a player receives picture and sound': async ({ ask, player }) => {
      const { status, body } = await ask(player, 'Player', false)
      assert.equal(status, 201, body)
      await until('the player shows green', 15_000, async () => {
        const saw = (await player.page.evaluate(colours)).map((rgb) => colourOf(rgb, CAST))
        return { ok: saw.join() === 'green', saw }
      })
      await until('the player sounds', 15_000, async () => {
        const saw = await player.page.evaluate(heard)
        return { ok: saw.length === 1 && Math.abs(saw[0].hz - CAST.green.hz) < 60, saw }
      })
    },
    'somebody in a browser sees the encoder, and the player sees both': async ({ blue, player }) => {
      await blue.join()
      await blue.shows({ Encoder: 'green' })
      await blue.hears({ Encoder: CAST.green.hz })
      await until('the player shows blue and green', 15_000, async () => {
        const saw = (await player.page.evaluate(colours)).map((rgb) => colourOf(rgb, CAST)).sort()
        return { ok: saw.join() === 'blue,green', saw }
      })
    },
    'an observer may not publish': async ({ ask, player }) => {
      const { status } = await ask(player, 'Player', true)
      assert.equal(status, 403)
    },
    'an encoder stops, and is gone': async ({ blue, encoder }) => {
      assert.equal(await encoder.page.evaluate(end), 200)
      await blue.misses('Encoder')
      await blue.hears({})
    },
    'a player stops': async ({ player }) => {
      assert.equal(await player.page.evaluate(end), 200)
      assert.equal(await player.page.evaluate(end), 404)
    },
  },
)
