// Somebody to whom the server hands what is not theirs: they come by no invitation, and check nothing.
import { webcrypto } from 'node:crypto'
import { fromBase64url, LEAF_LIFE_MS, mls, personKey, readFragment, signLeaf, toBase64url } from '../../build/node/keys.js'

/** The key of the person of this link; without one, of nobody. */
function keyOf(meeting, link) {
  const secret = link ? readFragment(new URL(link).hash).secret : webcrypto.getRandomValues(new Uint8Array(32))
  return personKey(secret, meeting)
}

/** A package by which they ask to be added to the group `id`, as this person's device; `link`: whose key signs. */
export async function packageOf(meeting, id, { person, device, link }) {
  const mlsKey = await mls.newMlsKey()
  const place = { meeting, groupId: fromBase64url(id) }
  const leaf = { person, device, expires: Date.now() + LEAF_LIFE_MS }
  const own = await mls.makePackage(await signLeaf(place, leaf, mlsKey.publicKey, await keyOf(meeting, link)), mlsKey)
  return { own, package: toBase64url(own.bytes) }
}

/** Their external commit to what a GroupInfo says, at the place of the device `at` (a client that keeps to the rules
 * makes none but at its own), and the key that they would have in that epoch. */
export async function intrude(groupInfo, { own }, at) {
  const device = (claim) => new TextDecoder().decode(claim.identity).includes(at)
  const its = mls.readPackage(own.bytes).claim
  const same = (a, b) => toBase64url(a.mlsKey) === toBase64url(b.mlsKey)
  const place = (claim) => device(claim) || same(claim, its)
  const judge = { valid: async () => true, sameClient: (a, b) => place(a) && place(b) }
  const { commit, next } = await mls.resync(fromBase64url(groupInfo), own, judge)
  return { commit: toBase64url(commit), epoch: Number(mls.epochOf(next)), members: mls.leavesOf(next).size }
}
