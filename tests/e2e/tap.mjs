// What the server saw of media (tests/tap/tap.c), put together to frames.
import { readFileSync } from 'node:fs'

const HEAD_BYTES = 31
const CODECS = ['opus', 'red', 'vp8', 'vp9', 'av1', 'h264'] // enum pl_codec

/** The packets in the file: {at (ms), source, layer, codec, marker, timestamp, seq, payload}. */
function packets(path) {
  const bytes = readFileSync(path)
  const found = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) break // it is being written
    const head = at + 4
    found.push({
      at: Number(bytes.readBigUInt64BE(head)) / 1000,
      source: Number(bytes.readBigUInt64BE(head + 8)),
      layer: bytes[head + 16],
      codec: CODECS[bytes[head + 17]],
      marker: bytes[head + 18] !== 0,
      timestamp: bytes.readUInt32BE(head + 19),
      seq: Number(bytes.readBigInt64BE(head + 23)),
      payload: bytes.subarray(head + HEAD_BYTES, end),
    })
    at = end
  }
  return found
}

/** Bytes of a VP8 payload descriptor (RFC 7741, 4.2), and whether a frame starts behind it. */
function vp8Descriptor(payload) {
  const starts = (payload[0] & 0x17) === 0x10
  if (!(payload[0] & 0x80)) return { starts, length: 1 }
  const extended = payload[1]
  let length = 2
  if (extended & 0x80) length += payload[length] & 0x80 ? 2 : 1
  if (extended & 0x40) length++
  if (extended & 0x30) length++
  return { starts, length }
}

/** The newest block of a RED payload (RFC 2198): Opus. */
function newestOfRed(payload) {
  let at = 0
  let older = 0
  for (; payload[at] & 0x80; at += 4) older += payload.readUInt16BE(at + 2) & 0x3ff
  return payload.subarray(at + 1 + older)
}

function frameOf(run) {
  if (run[0].codec === 'red') return newestOfRed(run[0].payload)
  if (run[0].codec === 'opus') return run[0].payload
  if (!vp8Descriptor(run[0].payload).starts) return undefined
  return Buffer.concat(run.map(({ payload }) => payload.subarray(vp8Descriptor(payload).length)))
}

/** Whole frames of Opus and VP8 that came since then: {at (ms), source, layer, codec, key, data}, each layer's in
 * its order. */
export function frames(path, since = 0) {
  const byLayer = new Map()
  for (const packet of packets(path)) {
    if (packet.at < since || !['opus', 'red', 'vp8'].includes(packet.codec)) continue
    const key = `${packet.source} ${packet.layer} ${packet.codec}`
    byLayer.set(key, [...(byLayer.get(key) ?? []), packet])
  }
  return [...byLayer.values()].flatMap((all) => {
    const found = []
    let run = []
    for (const packet of all.sort((a, b) => a.seq - b.seq)) {
      const before = run.at(-1)
      if (before && (packet.seq !== before.seq + 1 || packet.timestamp !== before.timestamp)) run = []
      run.push(packet)
      const video = packet.codec === 'vp8'
      if (video && !packet.marker) continue
      const data = frameOf(run)
      const { at, source, layer } = packet
      if (data) found.push({ at, source, layer, codec: video ? 'vp8' : 'opus', key: video && !(data[0] & 1), data })
      run = []
    }
    return found
  })
}

/** Runs in a page: decodes frames of VP8 (base64), the first of them a key frame; what is shown, 64 by 36, as
 * bytes of RGBA; and what went wrong. */
async function decodePictures(encoded) {
  const pictures = []
  let error
  const canvas = new OffscreenCanvas(64, 36)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const decoder = new VideoDecoder({
    output: (frame) => {
      context.drawImage(frame, 0, 0, 64, 36)
      frame.close()
      pictures.push([...context.getImageData(0, 0, 64, 36).data])
    },
    error: (e) => (error = e.message),
  })
  decoder.configure({ codec: 'vp8' })
  for (const [i, { key, data }] of encoded.entries()) {
    if (decoder.state !== 'configured') break
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
    decoder.decode(new EncodedVideoChunk({ type: key ? 'key' : 'delta', timestamp: i * 66_000, data: bytes }))
  }
  if (decoder.state === 'configured') await decoder.flush().catch((e) => (error = e.message))
  return { pictures, error }
}

/** Runs in a page: decodes packets of Opus (base64): samples of its first channel, and what went wrong. */
async function decodeSound(encoded) {
  const samples = []
  let error
  const decoder = new AudioDecoder({
    output: (data) => {
      const plane = new Float32Array(data.numberOfFrames)
      data.copyTo(plane, { planeIndex: 0, format: 'f32-planar' })
      data.close()
      samples.push(...plane)
    },
    error: (e) => (error = e.message),
  })
  decoder.configure({ codec: 'opus', sampleRate: 48_000, numberOfChannels: 2 })
  for (const [i, { data }] of encoded.entries()) {
    if (decoder.state !== 'configured') break
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
    decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: i * 20_000, data: bytes }))
  }
  if (decoder.state === 'configured') await decoder.flush().catch((e) => (error = e.message))
  return { samples, error }
}

const spelled = (all) => all.map(({ key, data }) => ({ key, data: Buffer.from(data).toString('base64') }))

/** What a decoder makes of frames of one layer of VP8, from their first key frame on. The page is of https or of
 * this machine. */
export async function pictures(page, all, most = 30) {
  const first = all.findIndex((f) => f.key)
  return first < 0 ? { pictures: [], error: 'no key frame' } : page.evaluate(decodePictures, spelled(all.slice(first, first + most)))
}

export async function sound(page, all, most = 100) {
  return page.evaluate(decodeSound, spelled(all.slice(-most)))
}

/** Pearson's correlation of two lists of numbers; 0 where one of them does not vary. */
export function correlation(a, b) {
  const mean = (list) => list.reduce((sum, v) => sum + v, 0) / list.length
  const [ma, mb] = [mean(a), mean(b)]
  let ab = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - ma) * (b[i] - mb)
    aa += (a[i] - ma) ** 2
    bb += (b[i] - mb) ** 2
  }
  return aa && bb ? ab / Math.sqrt(aa * bb) : 0
}

/** How much of the sound's energy is this tone, in the tenth of a second in which it is most of it: 1 is all. */
export function toneShare(samples, hz, rate = 48_000) {
  let most = 0
  for (let at = 0; at < samples.length; at += rate / 10) most = Math.max(most, share(samples.slice(at, at + rate / 10), hz, rate))
  return most
}

/** Goertzel's sum. */
function share(part, hz, rate) {
  let re = 0
  let im = 0
  let energy = 0
  for (const [i, v] of part.entries()) {
    re += v * Math.cos((2 * Math.PI * hz * i) / rate)
    im += v * Math.sin((2 * Math.PI * hz * i) / rate)
    energy += v * v
  }
  return energy ? (2 * (re * re + im * im)) / (part.length * energy) : 0
}
