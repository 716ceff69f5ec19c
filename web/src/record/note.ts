// C2SP signed notes, verifier keys, checkpoints and cosignatures, as docs/record.md has them.
import { base64, type Bytes, fromBase64, hex, join, KEY_BYTES, sha256, SIGNATURE_BYTES, signedBy, utf8 } from "./digest";

const ED25519 = 1;
const COSIGNATURE = 4;
export const ID_BYTES = 4;
const TIME_BYTES = 8;
const ROOT_BYTES = 32;
/** Later than a signed 64-bit number can say. */
const TIME_END = 1n << 63n;
/** Of a key: printable ASCII without plus. */
export const NAME = /^[!-*,-~]{1,320}$/;

export interface VerifierKey {
  name: string;
  key: Bytes;
}

async function keyId(name: string, kind: number, key: Bytes): Promise<Bytes> {
  const hash = await sha256(join(utf8(name), new Uint8Array([0x0a, kind]), key));
  return hash.slice(0, ID_BYTES);
}

/** What a cosignature by this key begins with. */
export function cosignatureId(name: string, key: Bytes): Promise<Bytes> {
  return keyId(name, COSIGNATURE, key);
}

/** NAME+ID+DATA; undefined: it is none of this kind. */
async function readKeyOf(kind: number, text: string): Promise<VerifierKey | undefined> {
  const [, name, id, data] = /^([!-*,-~]{1,320})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  const bytes = data === undefined ? undefined : fromBase64(data);
  if (!name || bytes?.length !== 1 + KEY_BYTES || bytes[0] !== kind) return undefined;
  const key = bytes.slice(1);
  return hex(await keyId(name, kind, key)) === id ? { name, key } : undefined;
}

/** A server's. */
export function readKey(text: string): Promise<VerifierKey | undefined> {
  return readKeyOf(ED25519, text);
}

/** A witness's. */
export function readWitnessKey(text: string): Promise<VerifierKey | undefined> {
  return readKeyOf(COSIGNATURE, text);
}

export async function writeKey({ name, key }: VerifierKey): Promise<string> {
  return `${name}+${hex(await keyId(name, ED25519, key))}+${base64(join(new Uint8Array([ED25519]), key))}`;
}

export interface Signature {
  name: string;
  data: Bytes;
}

export interface Note {
  /** With its last end of line. */
  text: string;
  signatures: Signature[];
}

/** undefined: it is no signed note. */
export function readNote(note: string): Note | undefined {
  const at = note.indexOf("\n\n");
  if (at < 0 || !note.endsWith("\n")) return undefined;
  const lines = note.slice(at + 2, -1).split("\n");
  const signatures: Signature[] = [];
  for (const line of lines) {
    const [, name, text] = /^\u2014 ([!-*,-~]{1,320}) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
    const data = text === undefined ? undefined : fromBase64(text);
    if (!name || !data || data.length <= ID_BYTES) return undefined;
    signatures.push({ name, data });
  }
  return { text: note.slice(0, at + 1), signatures };
}

/** By the server's key, under this name. */
export async function isSigned(text: string, { name, data }: Signature, signer: VerifierKey): Promise<boolean> {
  if (name !== signer.name || data.length !== ID_BYTES + SIGNATURE_BYTES) return false;
  const id = await keyId(name, ED25519, signer.key);
  return hex(id) === hex(data.subarray(0, ID_BYTES)) && signedBy(signer.key, data.slice(ID_BYTES), utf8(text));
}

/** Does the line say that it is a cosignature by this key? */
export async function claimsKey({ name, data }: Signature, witness: VerifierKey): Promise<boolean> {
  return name === witness.name && hex(await cosignatureId(name, witness.key)) === hex(data.subarray(0, ID_BYTES));
}

/** When it says that it was made, in Unix seconds. */
export function cosignedAt({ data }: Signature): number {
  return Number(new DataView(data.buffer, data.byteOffset).getBigUint64(ID_BYTES));
}

/** A witness's, with the time it says. */
export async function isCosigned(text: string, { name, data }: Signature, key: Bytes): Promise<boolean> {
  if (data.length !== ID_BYTES + TIME_BYTES + SIGNATURE_BYTES) return false;
  if (hex(await cosignatureId(name, key)) !== hex(data.subarray(0, ID_BYTES))) return false;
  const time = new DataView(data.buffer, data.byteOffset).getBigUint64(ID_BYTES);
  return time < TIME_END && signedBy(key, data.slice(ID_BYTES + TIME_BYTES), utf8(`cosignature/v1\ntime ${time}\n${text}`));
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
}

/** Of a note's text; undefined: it is no checkpoint of ours. */
export function readCheckpoint(text: string): Checkpoint | undefined {
  const [, origin, digits, encoded] = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]+)\n$/.exec(text) ?? [];
  const root = encoded === undefined ? undefined : fromBase64(encoded);
  if (!origin || root?.length !== ROOT_BYTES) return undefined;
  return { origin, size: Number(digits), root };
}

/** The key that a rotation brings, signed by the one before it under the server's name; undefined: it is no
 * such note, or another's. */
export async function rotated(note: string, before: VerifierKey): Promise<VerifierKey | undefined> {
  const read = readNote(note);
  const signature = read?.signatures[0];
  if (!read || !signature || read.signatures.length !== 1 || !(await isSigned(read.text, signature, before))) return undefined;
  const [title, name, vkey, end] = read.text.split("\n");
  const next = await readKey(vkey ?? "");
  const fits = title === "parley key rotation v1" && name === before.name && end === "" && next?.name === name;
  return fits ? next : undefined;
}
