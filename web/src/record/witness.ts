// Watches a meeting's record for who is in it: each checkpoint must be consistent with the last one that this
// browser saw, also in an earlier session. Who has a key cosigns what held. What does not hold is an alarm, with
// both checkpoints, since both are signed by the server.
import { type Bytes, base64, fromBase64, join, same, utf8 } from "./digest";
import type { Alarm } from "./alarm";
import { isConsistent } from "./consistency";
import { cosignatureId, isSigned, type Note, readCheckpoint, readKey, readNote, rotated, type VerifierKey, writeKey } from "./note";

export interface Told {
  size: number;
  note: string;
  from?: number;
  proof: readonly string[];
}

/** What is kept from one checkpoint to the next. */
export interface Kept {
  size: number;
  note: string;
  /** The server's, as a verifier key: the one that was met first. */
  key: string;
}

/** Who cosigns. */
export interface Cosigner {
  person: string;
  publicKey: Bytes;
  sign(data: Bytes): Promise<Bytes>;
}

export interface ServerKeys {
  /** Of this log, as a verifier key. */
  key: string;
  /** Notes by which each key of the server signed the next. */
  rotations: readonly string[];
}

export interface World {
  meeting: string;
  /** Of this meeting, from before; undefined: nothing was kept. */
  read(): Kept | undefined;
  keep(kept: Kept): void;
  /** What the server says of its keys. Rejects where there is no answer. */
  keys(): Promise<ServerKeys>;
  /** Hashes in base64. Rejects where there is no answer. */
  proof(from: number, to: number): Promise<readonly string[]>;
  cosigner?: Cosigner;
  /** Unix milliseconds. */
  now(): number;
}

export interface Seen {
  alarm?: Alarm;
  /** The signature line of a cosignature, without its end. */
  cosignature?: string;
}

const TIME_BYTES = 8;

export class Witness {
  private kept: Kept | undefined;

  constructor(private readonly world: World) {
    this.kept = world.read();
  }

  /** One after the other. Rejects where the server does not answer; then the next one is compared with
   * what was kept. */
  async take(told: Told): Promise<Seen> {
    const note = readNote(told.note);
    const theirs = note && readCheckpoint(note.text);
    const alarm = (why: Alarm["why"]): Seen => ({ alarm: { why, ours: this.kept?.note ?? "", theirs: told.note } });
    if (!note || !theirs || theirs.size !== told.size || !theirs.origin.endsWith(`/${this.world.meeting}`))
      return alarm("unsigned");
    const signer = await this.signerOf(note, theirs.origin);
    if (typeof signer === "string") return alarm(signer);
    const ours = this.kept && readCheckpoint(readNote(this.kept.note)?.text ?? "");
    if (ours) {
      if (theirs.size < ours.size) return alarm("rolled_back");
      const encoded = told.from === ours.size || theirs.size === ours.size ? told.proof : await this.world.proof(ours.size, theirs.size);
      const proof = theirs.size === ours.size ? [] : encoded.map((hash) => fromBase64(hash) ?? new Uint8Array(0));
      if (!(await isConsistent(ours.size, theirs.size, ours.root, theirs.root, proof))) return alarm("rewritten");
      if (theirs.size === ours.size) return {};
    }
    this.kept = { size: theirs.size, note: told.note, key: await writeKey(signer) };
    this.world.keep(this.kept);
    const cosignature = await this.cosign(theirs.origin, note.text);
    return cosignature === undefined ? {} : { cosignature };
  }

  /** Who signed it: the key that was met first, or one that it brought; or why that is nobody. */
  private async signerOf(note: Note, origin: string): Promise<VerifierKey | Alarm["why"]> {
    const signs = async (key: VerifierKey | undefined) => {
      const signature = key?.name === origin && note.signatures.find(({ name }) => name === origin);
      return key !== undefined && signature ? isSigned(note.text, signature, key) : false;
    };
    const known = this.kept && (await readKey(this.kept.key));
    if (known && (await signs(known))) return known;
    const { key, rotations } = await this.world.keys();
    const now = await readKey(key);
    if (!now || !(await signs(now))) return "unsigned";
    return !known || (await leadsTo(known, now, rotations)) ? now : "other_key";
  }

  private async cosign(origin: string, text: string): Promise<string | undefined> {
    const { cosigner } = this.world;
    if (!cosigner) return undefined;
    const name = `${origin}/person/${cosigner.person}`;
    const seconds = Math.floor(this.world.now() / 1000);
    const signature = await cosigner.sign(utf8(`cosignature/v1\ntime ${seconds}\n${text}`));
    const time = new Uint8Array(TIME_BYTES);
    new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
    const id = await cosignatureId(name, cosigner.publicKey);
    return `\u2014 ${name} ${base64(join(id, time, signature))}`;
  }
}

/** One key signed the next, and so on. */
async function leadsTo(first: VerifierKey, last: VerifierKey, rotations: readonly string[]): Promise<boolean> {
  const name = first.name.slice(0, first.name.lastIndexOf("/"));
  let key: VerifierKey = { name, key: first.key };
  for (const note of rotations) key = (await rotated(note, key)) ?? key;
  return first.name === last.name && same(key.key, last.key);
}
