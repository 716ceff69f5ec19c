// Hashes, signatures and encodings of bytes, by WebCrypto.

export type Bytes = Uint8Array<ArrayBuffer>;

export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes;
}

export function join(...parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

export function hex(data: Uint8Array): string {
  return [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

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

/** RFC 4648, 5: without padding. */
export function base64url(data: Uint8Array): string {
  return base64(data).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function fromBase64url(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  const padded = text.replace(/-/g, "+").replace(/_/g, "/") + "=".repeat((4 - (text.length % 4)) % 4);
  return fromBase64(padded);
}

const keys = new Map<string, Promise<CryptoKey>>();

/** Ed25519. false also for keys and signatures that are none. */
export async function signedBy(key: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
  if (key.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  const name = hex(key);
  let imported = keys.get(name);
  if (!imported) keys.set(name, (imported = crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"])));
  try {
    return await crypto.subtle.verify("Ed25519", await imported, signature, data);
  } catch {
    return false; // not a point of the curve
  }
}
