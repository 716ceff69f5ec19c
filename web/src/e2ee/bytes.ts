// Bytes and their spellings. Nothing here is secret-dependent in its timing but `same`.

/** What WebCrypto takes: bytes in memory that is not shared. */
export type Bytes = Uint8Array<ArrayBuffer>;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** base64url without padding (RFC 4648, 5). */
export function toBase64url(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET[n >> 18]! + ALPHABET[(n >> 12) & 63]!;
    if (left > 1) text += ALPHABET[(n >> 6) & 63]!;
    if (left > 2) text += ALPHABET[n & 63]!;
  }
  return text;
}

/** undefined: it is not base64url, is padded, or is not the one spelling of its bytes. */
export function fromBase64url(text: string): Bytes | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  let held = 0;
  let bits = 0;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

export function utf8(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** undefined: these bytes are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export function concat(...parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Takes the same time wherever they differ. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/** Fields one after another, each behind its length in two bytes: different fields, different bytes. */
export function encodeFields(...fields: Uint8Array[]): Bytes {
  return concat(
    ...fields.flatMap((field) => {
      if (field.length > 0xffff) throw new RangeError("a field is too long");
      return [new Uint8Array([field.length >> 8, field.length & 0xff]), field];
    }),
  );
}

/** The other way round; undefined: there are not exactly so many fields. */
export function decodeFields(bytes: Uint8Array, count: number): Bytes[] | undefined {
  const fields: Bytes[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (fields.length === count || at + 2 > bytes.length) return undefined;
    const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
    if (end > bytes.length) return undefined;
    fields.push(new Uint8Array(bytes.subarray(at + 2, end)));
    at = end;
  }
  return fields.length === count ? fields : undefined;
}

export function uint64(value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** undefined: not eight bytes, or more than a number holds exactly. */
export function fromUint64(bytes: Uint8Array): number | undefined {
  if (bytes.length !== 8) return undefined;
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

/** Digits for reading aloud, five for each group of so many bytes: their number modulo 100 000. */
export function digits(bytes: Uint8Array, groups: number, bytesEach: number): string[] {
  return Array.from({ length: groups }, (_, i) => {
    let rest = 0;
    for (const byte of bytes.subarray(i * bytesEach, (i + 1) * bytesEach)) {
      rest = (rest * 256 + byte) % 100000;
    }
    return String(rest).padStart(5, "0");
  });
}
