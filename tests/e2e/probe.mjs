// What the tests look at inside a page. The functions run there, but for colourOf, so they use nothing
// from outside themselves.

/** Runs before the page's own scripts: keeps its peer connections at hand, and what the server says
 * of people and slots; and asks for the sound as it is, since noise suppression takes a steady tone
 * for noise. */
export function watchConnections() {
  window.connections = []
  window.names = new Map() // of participants, by id
  window.slots = new Map() // what the server says is in them, by mid
  window.sockets = [] // `deaf`: nothing comes through any more, in either direction, not even a goodbye
  window.welcome = undefined // the last one
  window.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options)
      window.sockets.push(this)
      for (const type of ['message', 'close'])
        this.addEventListener(type, (event) => this.deaf && event.stopImmediatePropagation())
      this.addEventListener('message', ({ data }) => {
        const message = JSON.parse(data)
        if (message.type === 'welcome') window.welcome = message
        if (message.type === 'participant') window.names.set(message.participant.id, message.participant.name)
        if (message.type === 'welcome' || message.type === 'answer') window.slots.clear()
        if (message.type === 'slots') for (const slot of message.slots) window.slots.set(slot.mid, slot)
      })
    }

    send(data) {
      if (!this.deaf) super.send(data)
    }

    close(...why) {
      if (!this.deaf) super.close(...why)
    }
  }
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options)
      window.connections.push(this)
    }
  }
  const media = navigator.mediaDevices
  if (!media) return
  const ask = media.getUserMedia.bind(media)
  media.getUserMedia = (wanted) => {
    const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
    const audio = wanted?.audio && { ...(wanted.audio === true ? {} : wanted.audio), ...raw }
    return ask({ ...wanted, ...(audio && { audio }) })
  }
}

/** The tiles of the room: whose they are, and what their picture shows. `rgb` is the mean of the
 * upper middle; `frames` counts what was shown (not in Firefox). A tile that shows no picture has
 * neither. */
export function tiles() {
  return [...document.querySelectorAll('[data-testid=tile]')].map((tile) => {
    const { participant, kind, shows, speaking, audible } = tile.dataset
    const name = tile.querySelector('[data-testid=tile-name]').firstChild.textContent.trim()
    const seen = { participant, kind, name, speaking: speaking === 'true', audible: audible === 'true' }
    const video = tile.querySelector('video')
    if (shows !== 'picture' || !video?.videoWidth) return seen
    const canvas = document.createElement('canvas')
    canvas.width = 64
    canvas.height = 36
    const context = canvas.getContext('2d', { willReadFrequently: true })
    context.drawImage(video, 0, 0, 64, 36)
    const { data } = context.getImageData(20, 4, 24, 12)
    const rgb = [0, 1, 2].map((c) => {
      let sum = 0
      for (let i = c; i < data.length; i += 4) sum += data[i]
      return Math.round(sum / (data.length / 4))
    })
    return { ...seen, rgb, frames: video.getVideoPlaybackQuality().totalVideoFrames }
  })
}

/** Begins to measure how long the pictures in the tiles of others stand still. */
export function watchStill() {
  const still = (window.still = new Map()) // by video element: last frame, longest time without one
  for (const video of document.querySelectorAll('[data-testid=tile][data-shows=picture] video[data-mid]')) {
    still.set(video, { last: performance.now(), longest: 0 })
    const frame = (now) => {
      const seen = still.get(video)
      seen.longest = Math.max(seen.longest, now - seen.last)
      seen.last = now
      video.requestVideoFrameCallback(frame)
    }
    video.requestVideoFrameCallback(frame)
  }
}

/** The longest time, in milliseconds, that one of those pictures stood still since then. */
export function longestStill() {
  const times = [...window.still.values()].map(({ last, longest }) => Math.max(longest, performance.now() - last))
  return Math.round(Math.max(...times))
}

/** Tones heard right now, over all that is received: [{hz, db, name}], one a track at most; the name
 * is of the participant whom the server says to be in that slot. The first call sets the analysers
 * up. */
export function heard() {
  const context = (window.ear ??= new AudioContext())
  const ears = (window.ears ??= new Map())
  const live = window.connections.filter((c) => c.connectionState !== 'closed')
  const sections = live.flatMap((c) => c.getTransceivers()).filter((t) => t.receiver.track.kind === 'audio')
  for (const { receiver } of sections)
    if (!ears.has(receiver.track)) {
      const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 })
      context.createMediaStreamSource(new MediaStream([receiver.track])).connect(analyser)
      ears.set(receiver.track, analyser)
    }
  return sections.flatMap(({ mid, receiver }) => {
    const analyser = ears.get(receiver.track)
    const bins = new Float32Array(analyser.frequencyBinCount)
    analyser.getFloatFrequencyData(bins)
    let best = 0
    for (let i = 1; i < bins.length; i++) if (bins[i] > bins[best]) best = i
    if (bins[best] < -60) return []
    const hz = Math.round((best * context.sampleRate) / analyser.fftSize)
    return [{ hz, db: Math.round(bins[best]), name: window.names.get(window.slots.get(mid)?.participant) }]
  })
}

/** How loud everybody is played who is in a slot, by name: 1 is as loud as it came. */
export function played() {
  const elements = [...document.querySelectorAll('audio[data-mid]')].map((element) => {
    const name = window.names.get(window.slots.get(element.dataset.mid)?.participant)
    return [name, element.paused || element.muted ? 0 : element.volume]
  })
  return Object.fromEntries(elements.filter(([name]) => name !== undefined))
}

/** Sound energy received so far, from the statistics: for Firefox, whose AudioContext needs a sound
 * card. */
export async function energy() {
  let sum = 0
  for (const connection of window.connections.filter((c) => c.connectionState !== 'closed'))
    for (const report of (await connection.getStats()).values())
      if (report.type === 'inbound-rtp' && report.kind === 'audio') sum += report.totalAudioEnergy ?? 0
  return sum
}

/** What is received and sent right now, from the statistics: pictures and sounds with their codec and
 * height, those received with their person's name, those sent with their layer. */
export async function flows() {
  const found = []
  for (const connection of window.connections.filter((c) => c.connectionState !== 'closed')) {
    const stats = await connection.getStats()
    for (const report of stats.values()) {
      if (report.type !== 'inbound-rtp' && report.type !== 'outbound-rtp') continue
      const { type, kind, mid, rid, frameHeight } = report
      found.push({
        received: type === 'inbound-rtp',
        kind,
        mid,
        rid,
        codec: stats.get(report.codecId)?.mimeType.split('/')[1].toUpperCase(),
        height: frameHeight,
        came: report.framesReceived, // whole
        frames: report.framesDecoded ?? report.framesEncoded,
        packets: report.packetsReceived ?? report.packetsSent,
        bytes: report.bytesReceived ?? report.bytesSent,
        name: window.names.get(window.slots.get(mid)?.participant),
      })
    }
  }
  return found
}

/** Bytes of the description that this page offered last. */
export function offerSize() {
  return window.connections.at(-1).localDescription.sdp.length
}

/** A picture's colour by name of the cast, or its numbers when it is nobody's. */
export function colourOf(rgb, cast, tolerance = 40) {
  const near = Object.entries(cast).find(([, c]) => c.rgb.every((value, i) => Math.abs(value - rgb[i]) <= tolerance))
  return near ? near[0] : rgb.join(' ')
}

/** What goes out, by rid or else by kind: frames encoded and packets sent so far. */
export async function sent() {
  const sums = {}
  for (const connection of window.connections.filter((c) => c.connectionState === 'connected'))
    for (const report of (await connection.getStats()).values())
      if (report.type === 'outbound-rtp')
        sums[report.rid ?? report.kind] = { frames: report.framesEncoded ?? 0, packets: report.packetsSent }
  return sums
}

/** Which layers of the own pictures are to be encoded, by rid. */
export function active() {
  const connection = window.connections.find((c) => c.connectionState === 'connected')
  const encodings = connection.getSenders().flatMap((sender) => sender.getParameters().encodings ?? [])
  return Object.fromEntries(encodings.filter((e) => e.rid).map((e) => [e.rid, e.active]))
}

/** The streams (msid) of the receiving sections that carry these kinds now. */
export function streams(...kinds) {
  const sdp = window.connections.find((c) => c.connectionState === 'connected').remoteDescription.sdp
  const sections = sdp.split('\r\nm=').slice(1)
  return kinds.map((kind) => {
    const { mid } = [...window.slots.values()].find((slot) => slot.kind === kind) ?? {}
    const section = sections.find((s) => s.includes(`\r\na=mid:${mid}\r\n`))
    return section?.match(/a=msid:(\S+)/)[1]
  })
}
