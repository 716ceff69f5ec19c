// Fake cameras and microphones for Chromium: a picture of one colour with a bar that moves, as Y4M,
// and a tone, as WAV. Each participant has a colour and a frequency of their own, so that a test
// can tell by pixels and by a spectrum whose picture is shown and whose voice is heard.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const RATE = 15 // frames a second
const FRAMES = 30 // then Chromium starts again
const BAR = 64 // pixels wide; one loop moves it once through the picture
const AUDIO_HZ = 48000

/** The participants of the tests. Tones are whole in one second, so that the loop has no click. */
export const CAST = {
  red: { rgb: [200, 40, 40], hz: 440 },
  green: { rgb: [40, 170, 60], hz: 660 },
  blue: { rgb: [50, 70, 210], hz: 880 },
  orange: { rgb: [220, 130, 30], hz: 1100, width: 1280, height: 720 }, // enough for three layers
}

/** A picture that nothing else looks like by chance: blocks of many colours, as every one of 64 by 36 points of
 * it shows them (RGB); and a tone. */
export const CHART = { colours: chart(), hz: 1760, columns: 16, rows: 9 }

function chart() {
  const colours = []
  for (let n = 1, i = 0; i < 16 * 9; i++) {
    n = (n * 48271) % 0x7fffffff // a Lehmer generator: the same picture always
    colours.push([40 + (n % 181), 40 + ((n >> 8) % 181), 40 + ((n >> 16) % 181)])
  }
  return colours
}

/** The chart's picture, 64 by 36 points of RGB. */
export function chartPicture() {
  const points = []
  for (let y = 0; y < 36; y++)
    for (let x = 0; x < 64; x++) points.push(...CHART.colours[(y >> 2) * CHART.columns + (x >> 2)])
  return points
}

/** What a shared screen shows, and sounds like. */
export const SCREEN = { rgb: [140, 60, 170], hz: 1540 }

function yuv([r, g, b]) {
  // ITU-R BT.601, limited range: what Chromium takes Y4M for.
  const y = 16 + (65.738 * r + 129.057 * g + 25.064 * b) / 256
  const u = 128 + (-37.945 * r - 74.494 * g + 112.439 * b) / 256
  const v = 128 + (112.439 * r - 94.154 * g - 18.285 * b) / 256
  return [y, u, v].map(Math.round)
}

function y4m(rgb, width, height) {
  const [y, u, v] = yuv(rgb)
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${RATE}:1 Ip A1:1 C420mpeg2\n`)]
  for (let n = 0; n < FRAMES; n++) {
    const luma = Buffer.alloc(width * height, y)
    const bar = Math.round((n * width) / FRAMES)
    // Only the lower third has the bar: the upper part is for measuring the colour.
    for (let row = Math.round((height * 2) / 3); row < height; row++)
      for (let x = bar; x < bar + BAR; x++) luma[row * width + (x % width)] = 235
    parts.push(Buffer.from('FRAME\n'), luma)
    parts.push(Buffer.alloc((width * height) / 4, u), Buffer.alloc((width * height) / 4, v))
  }
  return Buffer.concat(parts)
}

function chartY4m(width, height) {
  const planes = [0, 1, 2].map((plane) => {
    const [w, h] = plane ? [width / 2, height / 2] : [width, height]
    const points = Buffer.alloc(w * h)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        const block = Math.floor((y * CHART.rows) / h) * CHART.columns + Math.floor((x * CHART.columns) / w)
        points[y * w + x] = yuv(CHART.colours[block])[plane]
      }
    return points
  })
  const frame = Buffer.concat([Buffer.from('FRAME\n'), ...planes])
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F${RATE}:1 Ip A1:1 C420mpeg2\n`)
  return Buffer.concat([head, ...Array(FRAMES).fill(frame)])
}

/** White noise, about as loud as a fan beside the microphone. */
function hiss() {
  let n = 1
  return () => ((n = (n * 48271) % 0x7fffffff) / 0x7fffffff - 0.5) * 3000
}

const tone = (hz) => (i) => 9000 * Math.sin((2 * Math.PI * hz * i) / AUDIO_HZ)

function wav(sample) {
  const samples = AUDIO_HZ // one second
  const out = Buffer.alloc(44 + samples * 2)
  out.write('RIFF', 0)
  out.writeUInt32LE(36 + samples * 2, 4)
  out.write('WAVEfmt ', 8)
  out.writeUInt32LE(16, 16)
  out.writeUInt16LE(1, 20) // PCM
  out.writeUInt16LE(1, 22) // one channel
  out.writeUInt32LE(AUDIO_HZ, 24)
  out.writeUInt32LE(AUDIO_HZ * 2, 28)
  out.writeUInt16LE(2, 32)
  out.writeUInt16LE(16, 34)
  out.write('data', 36)
  out.writeUInt32LE(samples * 2, 40)
  for (let i = 0; i < samples; i++)
    out.writeInt16LE(Math.round(sample(i)), 44 + i * 2)
  return out
}

/** Paths of a participant's camera and microphone files, made once in `folder`: of a colour of the cast, or
 * `chart`; or `noisy`, the chart with white noise. */
export function fakes(folder, colour) {
  mkdirSync(folder, { recursive: true })
  const made = (name, bytes) => {
    const path = join(folder, name)
    if (!existsSync(path)) {
      writeFileSync(path + '.part', bytes())
      renameSync(path + '.part', path)
    }
    return path
  }
  const chart = () => made('chart.y4m', () => chartY4m(640, 360))
  if (colour === 'chart') return { camera: chart(), microphone: made(`${CHART.hz}.wav`, () => wav(tone(CHART.hz))) }
  if (colour === 'noisy') return { camera: chart(), microphone: made('noise.wav', () => wav(hiss())) }
  const { rgb, hz, width = 640, height = 360 } = CAST[colour]
  return {
    camera: made(`${rgb.join('-')}.y4m`, () => y4m(rgb, width, height)),
    microphone: made(`${hz}.wav`, () => wav(tone(hz))),
  }
}

/** Runs in the page before its own scripts: what is shared is a canvas of one colour with a bar that
 * moves, and a tone. `window.shared` is what the page asked for. */
export function shareFakeScreen({ rgb, hz }) {
  if (!navigator.mediaDevices) return
  navigator.mediaDevices.getDisplayMedia = async (wanted) => {
    window.shared = wanted
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 })
    const context = canvas.getContext('2d')
    let n = 0
    const draw = () => {
      context.fillStyle = `rgb(${rgb})`
      context.fillRect(0, 0, 1280, 720)
      context.fillStyle = 'white'
      context.fillRect((n++ * 40) % 1280, 600, 40, 60)
      context.font = '32px sans-serif'
      for (let line = 0; line < 3; line++) context.fillText(`Paragraph ${line + 1} of the draft`, 40, 400 + 50 * line)
    }
    draw()
    const drawing = setInterval(draw, 66)
    const sound = new AudioContext()
    const tone = new OscillatorNode(sound, { frequency: hz })
    const out = new MediaStreamAudioDestinationNode(sound)
    tone.connect(new GainNode(sound, { gain: 0.3 })).connect(out)
    tone.start()
    const stream = new MediaStream([...canvas.captureStream(15).getTracks(), ...out.stream.getTracks()])
    stream.getVideoTracks()[0].addEventListener('ended', () => clearInterval(drawing))
    return stream
  }
}
