// What verifying records needs of bytes: hashes, signatures, encodings; by WebCrypto.
import type { Bytes } from "../e2ee/bytes";
import { toHex } from "../lib/hex";

export { type Bytes, concat as join, fromBase64url, same, toBase64url as base64url, utf8 } from "../e2ee/bytes";
export { sha256 } from "../e2ee/keys";
export { toHex as hex };

export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** RFC 4648, 4: with padding. */
export function base64(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data));
}

/** undefined: it is none, or not the one way to write these bytes. */
export function fromBase64(text: string): Bytes | undefined {
  let read: string;
  try {
    read = atob(text);
  } catch {
    return undefined;
  }
  const data = Uint8Array.from(read, (c) => c.charCodeAt(0));
  return base64(data) === text ? data : undefined;
}

const keys = new Map<string, Promise<CryptoKey>>();

/** Ed25519, with keys that come again and again. false also for keys and signatures that are none. */
export async function signedBy(key: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
  if (key.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  const name = toHex(key);
  let imported = keys.get(name);
  if (!imported) keys.set(name, (imported = crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"])));
  try {
    return await crypto.subtle.verify("Ed25519", await imported, signature, data);
  } catch {
    return false; // not a point of the curve
  }
}
