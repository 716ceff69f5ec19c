// Ed25519 keys out of seeds, their fingerprints, and the organiser's key as a file with a passphrase.
// Where keys are kept is not known here.
import { type Bytes, concat, digits, fromBase64url, toBase64url, utf8 } from "./bytes";

export const SEED_BYTES = 32; // RFC 8032, 5.1.5
export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
/** A person's secret, as it stands in their link. */
export const SECRET_BYTES = 32;

/** OWASP's figure of 2023 for PBKDF2 with SHA-256. */
const ITERATIONS = 600_000;
const ITERATIONS_MAX = 10_000_000; // what a forged file may cost
const SALT_BYTES = 16;
const NONCE_BYTES = 12; // of AES-GCM
export const PASSPHRASE_LETTERS_MIN = 12;

/** RFC 8410: everything of the PKCS#8 form that stands before the seed. */
const PKCS8_PREFIX = new Uint8Array([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]);

/** A key that signs and does not let itself be read. It may lie in IndexedDB as it is. */
export interface SigningKey {
  publicKey: Bytes;
  privateKey: CryptoKey;
}

/** The seed stays the caller's, who overwrites it. */
export async function keyFromSeed(seed: Bytes): Promise<SigningKey> {
  if (seed.length !== SEED_BYTES) throw new RangeError("an Ed25519 seed has 32 bytes");
  const form = concat(PKCS8_PREFIX, seed);
  try {
    const readable = await crypto.subtle.importKey("pkcs8", form, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", readable);
    const publicKey = x === undefined ? undefined : fromBase64url(x);
    if (publicKey?.length !== PUBLIC_KEY_BYTES) throw new Error("the public key is not given");
    const privateKey = await crypto.subtle.importKey("pkcs8", form, "Ed25519", false, ["sign"]);
    return { publicKey, privateKey };
  } finally {
    form.fill(0);
  }
}

export async function sign(key: SigningKey, data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, data));
}

/** false also for keys and signatures that are none. */
export async function verify(publicKey: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, data);
  } catch {
    return false; // not a point of the curve
  }
}

/** The key of a person: HKDF-SHA256 (RFC 5869) of their secret, for this one meeting. */
export async function personKey(secret: Bytes, meeting: string): Promise<SigningKey> {
  if (secret.length !== SECRET_BYTES) throw new RangeError("a person's secret has 32 bytes");
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: utf8("parley person v1"), info: utf8(meeting) };
  const seed = new Uint8Array(await crypto.subtle.deriveBits(how, material, SEED_BYTES * 8));
  try {
    return await keyFromSeed(seed);
  } finally {
    seed.fill(0);
  }
}

export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

/** Of the organiser's public key, as it stands in links. */
export async function fingerprint(publicKey: Bytes): Promise<string> {
  return toBase64url(await sha256(publicKey));
}

/** The same for people, as on the letter: eight groups of five digits, each the number in four bytes
 * (big-endian) modulo 100 000. undefined: it is no fingerprint. */
export function fingerprintDigits(text: string): string | undefined {
  const bytes = fromBase64url(text);
  return bytes?.length === 32 ? digits(bytes, 8, 4).join(" ") : undefined;
}

/** The organiser's seed, sealed with a passphrase. */
export interface SealedSeed {
  v: 1;
  what: "parley organiser key";
  kdf: "PBKDF2-SHA256";
  iterations: number;
  salt: string;
  nonce: string;
  sealed: string;
}

async function passphraseKey(passphrase: string, salt: Bytes, iterations: number, use: KeyUsage) {
  const words = utf8(passphrase.normalize("NFKC"));
  const material = await crypto.subtle.importKey("raw", words, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, [use]);
}

export async function sealSeed(seed: Bytes, passphrase: string): Promise<SealedSeed> {
  if (seed.length !== SEED_BYTES) throw new RangeError("an Ed25519 seed has 32 bytes");
  if ([...passphrase].length < PASSPHRASE_LETTERS_MIN)
    throw new RangeError(`The passphrase needs at least ${PASSPHRASE_LETTERS_MIN} letters.`);
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const key = await passphraseKey(passphrase, salt, ITERATIONS, "encrypt");
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, seed);
  return {
    v: 1,
    what: "parley organiser key",
    kdf: "PBKDF2-SHA256",
    iterations: ITERATIONS,
    salt: toBase64url(salt),
    nonce: toBase64url(iv),
    sealed: toBase64url(new Uint8Array(sealed)),
  };
}

/** undefined: it is no such file, or the passphrase is another. */
export async function openSeed(file: unknown, passphrase: string): Promise<Bytes | undefined> {
  const { v, what, kdf, iterations, salt, nonce, sealed } = (file ?? {}) as Partial<SealedSeed>;
  if (v !== 1 || what !== "parley organiser key" || kdf !== "PBKDF2-SHA256") return undefined;
  if (!Number.isInteger(iterations) || iterations! < 1 || iterations! > ITERATIONS_MAX) return undefined;
  const [saltBytes, iv, box] = [salt, nonce, sealed].map((field) =>
    typeof field === "string" ? fromBase64url(field) : undefined,
  );
  if (!saltBytes || iv?.length !== NONCE_BYTES || !box) return undefined;
  const key = await passphraseKey(passphrase, saltBytes, iterations!, "decrypt");
  try {
    const seed = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, box));
    return seed.length === SEED_BYTES ? seed : undefined;
  } catch {
    return undefined;
  }
}
