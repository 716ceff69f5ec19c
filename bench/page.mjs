// What a receiver's page counted of picture and sound, and what came of it over some time.

/** In the page: counters of the connection in use, all slots together. */
export async function reading() {
  const pc = window.__parley?.pc
  const sum = { at: Date.now(), connection: window.connections.indexOf(pc), frames: 0, freezes: 0, frozen_s: 0, bytes: 0 }
  Object.assign(sum, { packets: 0, lost: 0, samples: 0, concealed: 0, height: 0 })
  for (const r of pc ? (await pc.getStats()).values() : []) {
    if (r.type !== 'inbound-rtp') continue
    sum.bytes += r.bytesReceived ?? 0
    if (r.kind === 'video') {
      sum.frames += r.framesDecoded ?? 0
      sum.freezes += r.freezeCount ?? 0
      sum.frozen_s += r.totalFreezesDuration ?? 0
      sum.height = Math.max(sum.height, r.bytesReceived ? (r.frameHeight ?? 0) : 0)
    } else {
      sum.packets += r.packetsReceived ?? 0
      sum.lost += r.packetsLost ?? 0
      sum.samples += r.totalSamplesReceived ?? 0
      // What is filled in while nobody sends is silence, and no harm.
      sum.concealed += (r.concealedSamples ?? 0) - (r.silentConcealedSamples ?? 0)
    }
  }
  return sum
}

/** Between two readings of one connection; of two, undefined. */
export function span(before, after) {
  if (before.connection !== after.connection) return undefined
  const seconds = (after.at - before.at) / 1000
  const of = (key) => after[key] - before[key]
  const to = (value, digits) => Number(value.toFixed(digits))
  return {
    fps: to(of('frames') / seconds, 1),
    freezes: of('freezes'),
    frozen_s: to(of('frozen_s'), 2),
    height: after.height,
    kbps: Math.round((of('bytes') * 8) / seconds / 1000),
    concealed_percent: of('samples') ? to((100 * of('concealed')) / of('samples'), 2) : null,
  }
}
