// SFrame (RFC 9605) with cipher suite 4, AES_128_GCM_SHA256_128, over WebCrypto: header, keys, one frame
// sealed and opened, and the window against replays. Which key is whose stands in keyring.ts.

import { type Bytes, concat } from "./bytes";

/** AES_128_GCM_SHA256_128 (RFC 9605, 4.5). */
const SUITE = 4;
const KEY_BITS = 128;
const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** Of each of the two numbers of a header (RFC 9605, 4.3). */
const NUMBER_BYTES_MAX = 8;
/** Numbers up to this stand in the first byte itself. */
const INLINE_MAX = 7n;

export interface Header {
  kid: bigint;
  ctr: bigint;
  /** Bytes of the header. */
  length: number;
}

function bytesOf(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  return bytes;
}

/** Half of the first byte: the number itself, or 8 and how many bytes of it follow, less one. */
function nibble(value: bigint, bytes: number[]): number {
  return value <= INLINE_MAX ? Number(value) : 8 | (bytes.length - 1);
}

/** RFC 9605, 4.3. Both numbers are below 2^64. */
export function encodeHeader(kid: bigint, ctr: bigint): Bytes {
  const [k, c] = [bytesOf(kid), bytesOf(ctr)];
  if (k.length > NUMBER_BYTES_MAX || c.length > NUMBER_BYTES_MAX) throw new RangeError("SFrame: number too large");
  const first = (nibble(kid, k) << 4) | nibble(ctr, c);
  return Uint8Array.from([first, ...(kid > INLINE_MAX ? k : []), ...(ctr > INLINE_MAX ? c : [])]);
}

/** Undefined: too short, or a number in more bytes than it needs: each pair has one form. */
export function decodeHeader(bytes: Uint8Array): Header | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  let at = 1;
  const number = (half: number): bigint | undefined => {
    if (half < 8) return BigInt(half);
    const end = at + (half & 7) + 1;
    if (end > bytes.length || bytes[at] === 0) return undefined;
    let value = 0n;
    while (at < end) value = (value << 8n) | BigInt(bytes[at++]!);
    return value > INLINE_MAX ? value : undefined;
  };
  const kid = number(first >> 4);
  if (kid === undefined) return undefined;
  const ctr = number(first & 15);
  return ctr === undefined ? undefined : { kid, ctr, length: at };
}

/** The secret of an epoch, from which the keys of all its KIDs come. It cannot be read back. */
export function importBaseKey(base: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", base, "HKDF", false, ["deriveBits", "deriveKey"]);
}

/** RFC 9605, 4.4.2. */
function derivation(label: "key" | "salt", kid: bigint): HkdfParams {
  const text = new TextEncoder().encode(`SFrame 1.0 Secret ${label} `);
  const info = new Uint8Array(text.length + 10);
  info.set(text);
  const view = new DataView(info.buffer);
  view.setBigUint64(text.length, kid);
  view.setUint16(text.length + 8, SUITE);
  return { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
}

/** The key of one KID. */
export class FrameKey {
  private constructor(
    readonly kid: bigint,
    private readonly key: CryptoKey,
    private readonly salt: Bytes,
  ) {}

  /** `use`: what it is for, and all that it can do. */
  static async derive(base: CryptoKey, kid: bigint, use: "encrypt" | "decrypt"): Promise<FrameKey> {
    const aes = { name: "AES-GCM", length: KEY_BITS };
    const [key, salt] = await Promise.all([
      crypto.subtle.deriveKey(derivation("key", kid), base, aes, false, [use]),
      crypto.subtle.deriveBits(derivation("salt", kid), base, NONCE_BYTES * 8),
    ]);
    return new FrameKey(kid, key, new Uint8Array(salt));
  }

  /** Header, ciphertext and tag. No `ctr` may be used twice: that is the caller's to see to. */
  async seal(ctr: number, metadata: Uint8Array, plaintext: Bytes): Promise<Bytes> {
    const header = encodeHeader(this.kid, BigInt(ctr));
    const sealed = await crypto.subtle.encrypt(this.#parameters(ctr, header, metadata), this.key, plaintext);
    return concat(header, new Uint8Array(sealed));
  }

  /** What was sealed; `sealed` begins with its header, of `length` bytes. Undefined: it is not of this
   * key, or was altered. */
  async open(ctr: number, length: number, metadata: Uint8Array, sealed: Bytes): Promise<Bytes | undefined> {
    const parameters = this.#parameters(ctr, sealed.subarray(0, length), metadata);
    try {
      return new Uint8Array(await crypto.subtle.decrypt(parameters, this.key, sealed.subarray(length)));
    } catch {
      return undefined; // whatever the reason, it is not authentic
    }
  }

  /** RFC 9605, 4.4.3: the salt with the counter in its last bytes; header and metadata are authenticated. */
  #parameters(ctr: number, header: Uint8Array, metadata: Uint8Array): AesGcmParams {
    const iv = this.salt.slice();
    const view = new DataView(iv.buffer);
    const at = NONCE_BYTES - 8;
    view.setBigUint64(at, view.getBigUint64(at) ^ BigInt(ctr));
    return { name: "AES-GCM", iv, additionalData: concat(header, metadata), tagLength: TAG_BYTES * 8 };
  }
}

/** How far behind the latest counter of a KID a frame may come. Three sizes of a camera at 30 frames a
 * second are 22 s of it. */
export const REPLAY_WINDOW = 2048;

/** Which counters of one KID were there (RFC 9605, 9.3, as in RFC 4303, 3.4.3). */
export class ReplayWindow {
  #next = 0; // one above the highest
  readonly #seen = new Uint8Array(REPLAY_WINDOW);

  /** Whether it was not there yet, as far as is known. */
  fresh(ctr: number): boolean {
    if (ctr >= this.#next) return true;
    return ctr >= this.#next - REPLAY_WINDOW && this.#seen[ctr % REPLAY_WINDOW] === 0;
  }

  /** Whether it is one of the last `n` before the highest, or above it. */
  recent(ctr: number, n: number): boolean {
    return ctr >= this.#next - n;
  }

  /** Notes one that is authentic. False: another with it was quicker. */
  take(ctr: number): boolean {
    if (!this.fresh(ctr)) return false;
    if (ctr >= this.#next + REPLAY_WINDOW) this.#seen.fill(0);
    else for (let i = this.#next; i < ctr; i++) this.#seen[i % REPLAY_WINDOW] = 0;
    this.#seen[ctr % REPLAY_WINDOW] = 1;
    this.#next = Math.max(this.#next, ctr + 1);
    return true;
  }
}
