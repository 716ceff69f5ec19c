// How long a page goes without a frame of sound, as its receivers hand them on (RTCRtpScriptTransform): noted in a
// worker, since the page's own thread is busy when it has just connected anew. Sound is sent all the time, every 20 ms.
// Beside it how long the page was without a WebSocket. Chromium alone; the page's policy is to be bypassed.

/** Before the page's scripts. */
export function watchGaps() {
  const work = () => {
    let last = 0
    let longest = 0
    let frames = 0
    const note = () => {
      const now = performance.now()
      if (last > 0) longest = Math.max(longest, now - last)
      last = now
      frames++
    }
    self.onrtctransform = async ({ transformer: { readable, writable } }) => {
      const note_ = new TransformStream({
        transform(frame, out) {
          note()
          out.enqueue(frame)
        },
      })
      await readable.pipeThrough(note_).pipeTo(writable).catch(() => {}) // the connection is over
    }
    self.onmessage = () => {
      self.postMessage({ longest: Math.max(longest, last > 0 ? performance.now() - last : 0), frames })
      longest = frames = 0
      last = performance.now()
    }
  }
  const worker = new Worker(URL.createObjectURL(new Blob([`(${work})()`], { type: 'text/javascript' })))
  /** Since the last call: the longest gap, and how many frames there were. */
  window.gap = () =>
    new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data)
      worker.postMessage('')
    })
  window.RTCPeerConnection = class extends RTCPeerConnection {
    addTransceiver(media, ...rest) {
      const transceiver = super.addTransceiver(media, ...rest)
      if (transceiver.receiver.track.kind === 'audio') transceiver.receiver.transform = new RTCRtpScriptTransform(worker)
      return transceiver
    }
  }
  /** Each time without a WebSocket, from its end to the next welcome, in ms. */
  window.absences = []
  let lost
  window.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options)
      this.addEventListener('close', () => (lost ??= performance.now()))
      this.addEventListener('message', ({ data }) => {
        if (lost === undefined || JSON.parse(data).type !== 'welcome') return
        window.absences.push(Math.round(performance.now() - lost))
        lost = undefined
      })
    }
  }
}
