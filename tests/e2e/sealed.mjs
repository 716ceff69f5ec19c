// People whose picture and sound are sealed end to end, in a meeting that is not: the client's own
// worker, from the server, is put into a page of an unencrypted meeting, with a key that the test knows.
// The group that would agree on keys is not in it.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Person } from './person.mjs'

const ASSETS = fileURLToPath(new URL('../../web/dist/assets', import.meta.url))

/** The built module that encrypted meetings load. */
const MODULE = `/assets/${readdirSync(ASSETS).find((name) => /^sealing-.*\.js$/.test(name))}`

/** Makes what Person.chromium and Person.firefox give one who seals with this key: `leaves` are everybody's
 * places in the group, by name. */
export async function seal(person, { base, leaves }) {
  const { identifier } = await person.page.evaluateOnNewDocument(sealEverything, {
    module: MODULE,
    base,
    leaves,
    own: leaves[person.name],
  })
  const open = person.open
  person.open = async () => {
    await open.call(person)
    await person.page.evaluate(() => window.seal.ready)
  }
  /** From the next time that it comes in, it does not any more. */
  person.unseal = async () => {
    await person.page.removeScriptToEvaluateOnNewDocument(identifier)
    person.open = open
  }
  /** What the worker counted since the page was loaded, and what it told. */
  person.sealed = () => person.page.evaluate(async () => ({ ...(await window.seal.sealing.counts()), told: window.seal.told }))
  /** Another epoch from now on, of a key of this byte. */
  person.turn = (epoch, byte) => person.page.evaluate((epoch, byte) => window.seal.turn(epoch, byte), epoch, byte)
  return person
}

/** Runs in the page before its own scripts, after watchConnections: gives each section to the worker as
 * it is added, and says whom it is to show as the server tells it. */
function sealEverything({ module, base, leaves, own }) {
  if (!location.protocol.startsWith('http')) return
  const seal = (window.seal = { told: [] })
  const tell = (what) => (...details) => seal.told.push([what, ...details.map((d) => d?.leaf ?? d)])
  seal.turn = (epoch, byte) => {
    const keys = { epoch: BigInt(epoch), baseKey: new Uint8Array(16).fill(byte), leaf: own }
    return seal.sealing.setEpoch(keys, { switchSendAt: Date.now() + 500, dropOldAfterMs: 2_000 })
  }
  seal.ready = import(location.origin + module).then(({ Sealing }) => {
    seal.sealing = new Sealing({
      shows: tell('shows'),
      mismatch: tell('mismatch'),
      undecryptable: tell('undecryptable'),
      broken: tell('broken'),
    })
    return seal.turn(1, base)
  })

  const remember = window.slots.set.bind(window.slots)
  window.slots.set = (mid, slot) => {
    const leaf = leaves[window.names.get(slot.participant)]
    seal.sealing.expect(mid, leaf === undefined ? null : { leaf, kind: slot.kind, since: 0n })
    return remember(mid, slot)
  }

  const kinds = ['microphone', 'camera', 'screen', 'screen_sound'] // in the order of the page's sections
  const connection = RTCPeerConnection.prototype
  const { addTransceiver, setLocalDescription } = connection
  connection.addTransceiver = function (media, init) {
    const transceiver = addTransceiver.call(this, media, init)
    this.sections = (this.sections ?? 0) + 1
    seal.sealing.attach(transceiver, init.direction === 'sendonly' ? kinds[this.sections - 1] : undefined)
    return transceiver
  }
  connection.setLocalDescription = async function (...description) {
    await setLocalDescription.apply(this, description)
    seal.sealing.describe(this.localDescription.sdp)
  }
  const { setCodecPreferences } = RTCRtpTransceiver.prototype
  RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
    setCodecPreferences.call(this, codecs.filter(({ mimeType }) => !/red|h264/i.test(mimeType)))
  }
}
