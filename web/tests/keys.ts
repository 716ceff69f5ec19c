// The keys of an encrypted meeting without a browser: what tests/e2e/member.mjs is made of (built by
// vite.node.config.ts). Nothing is done anew here: it opens frames as streams.ts does, but for whoever sent
// them, and as often as one likes.
import "./webcrypto";

import type { Bytes } from "../src/e2ee/bytes";
import { afterOpening, type SealedCodec, split } from "../src/e2ee/codecs";
import type { Keyring, Origin } from "../src/e2ee/keyring";
import { originOf } from "../src/e2ee/keyring";
import { decodeHeader } from "../src/e2ee/sframe";

export { verified } from "../src/e2ee/admission";
export { fromBase64url, toBase64url } from "../src/e2ee/bytes";
export { LEAF_LIFE_MS, readFragment, signLeaf } from "../src/e2ee/identity";
export { personKey } from "../src/e2ee/keys";
export { Keyring } from "../src/e2ee/keyring";
export * as mls from "../src/e2ee/mls";
export { Protection } from "../src/e2ee/protection.svelte";
export { sealFrame } from "../src/e2ee/streams";

/** Undefined: not sealed, or not with a key of this ring. */
export async function openFrame(
  ring: Keyring,
  codec: SealedCodec,
  frame: Bytes,
  now: number,
): Promise<{ origin: Origin; data: Bytes } | undefined> {
  const parts = split(codec, frame);
  const header = parts && decodeHeader(parts.sealed);
  const origin = header && originOf(header.kid);
  const entry = origin && ring.epochOf(header!.kid, now)?.incoming(header!.kid);
  if (!entry) return undefined;
  const secret = await (await entry.key).open(Number(header!.ctr), header!.length, parts!.clear, parts!.sealed);
  return secret && { origin, data: afterOpening(codec, parts!.clear, secret) };
}
