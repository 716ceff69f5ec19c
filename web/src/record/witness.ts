// Watches a meeting's record for who is in it: each checkpoint must be consistent with the last one that this
// browser saw, also in an earlier session. Who has a key cosigns what held. What does not hold is an alarm, with
// both checkpoints, since both are signed by the server.
import { type Bytes, base64, fromBase64, join, same, utf8 } from "./digest";
import type { Alarm } from "./alarm";
import { isConsistent } from "./consistency";
import { type Checkpoint, cosignatureId, isSigned, type Note, readCheckpoint, readKey, readNote, rotated, type VerifierKey, writeKey } from "./note";

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
  /** Hashes in base64; undefined: the server says that there is no such proof. Rejects where there is no
   * answer. */
  proof(from: number, to: number): Promise<readonly string[] | undefined>;
  cosigner?: Cosigner;
  /** Unix milliseconds. */
  now(): number;
  /** From 0 to below 1. */
  random(): number;
}

export interface Seen {
  alarm?: Alarm;
  /** The signature line of a cosignature, without its end. */
  cosignature?: string;
}

const TIME_BYTES = 8;
/** Without a decision each cosigns again after about so long, not all at once: half as much to half as much again.
 * Each checkpoint, every five seconds, by 256 people would be 35 MB an hour. */
export const COSIGN_EACH_MS = 10 * 60_000;

interface Last {
  size: number;
  origin: string;
  text: string;
}

export class Witness {
  private kept: Kept | undefined;
  /** The server told this page of one already. */
  private own = false;
  private cosigned = 0;
  /** The last one that held. */
  private last: Last | undefined;
  /** When the next one is due without a decision. */
  private due = -Infinity;

  constructor(private readonly world: World) {
    this.kept = world.read();
  }

  /** Something was decided. The checkpoint that covers it may have been told already, or comes next: the last one is
   * cosigned now, unless it is already, and the next one too. */
  async decided(): Promise<{ size: number; cosignature: string } | undefined> {
    const { last } = this;
    const cosignature = last && last.size > this.cosigned ? await this.cosignNow(last) : undefined;
    this.due = -Infinity;
    return last && cosignature !== undefined ? { size: last.size, cosignature } : undefined;
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
    if (signer === undefined) return {};
    if (typeof signer === "string") return alarm(signer);
    const ours = this.kept && readCheckpoint(readNote(this.kept.note)?.text ?? "");
    const why = ours && (await this.compare(ours, theirs, told));
    if (why) return alarm(why);
    this.own = true;
    if (!ours || theirs.size > ours.size) {
      this.kept = { size: theirs.size, note: told.note, key: await writeKey(signer) };
      this.world.keep(this.kept);
    }
    if (theirs.size <= this.cosigned) return {};
    this.last = { size: theirs.size, origin: theirs.origin, text: note.text };
    if (this.world.now() < this.due) return {};
    const cosignature = await this.cosignNow(this.last);
    return cosignature === undefined ? {} : { cosignature };
  }

  /** What a note says, if the server signed it about this record: by the key that was met first, one that led to
   * it, or that it led to. Rejects where the server does not answer. */
  async verified(text: string): Promise<Checkpoint | undefined> {
    const note = readNote(text);
    const checkpoint = note && readCheckpoint(note.text);
    const signature = note?.signatures.find(({ name }) => name === checkpoint?.origin);
    if (!checkpoint || !signature || !checkpoint.origin.endsWith(`/${this.world.meeting}`)) return undefined;
    const { origin } = checkpoint;
    const signs = (key: Bytes) => isSigned(note.text, signature, { name: origin, key });
    const known = this.kept && (await readKey(this.kept.key));
    if (known && known.name !== origin) return undefined;
    if (known && (await signs(known.key))) return checkpoint;
    const { key, rotations } = await this.world.keys();
    const now = await readKey(key);
    if (now?.name !== origin) return undefined;
    const all = [...(await led(origin, rotations)), now.key];
    if (known && !all.some((one) => same(one, known.key))) return undefined;
    for (const one of all) if (await signs(one)) return checkpoint;
    return undefined;
  }

  /** Why it does not go together with what was kept; undefined: it does. */
  private async compare(ours: Checkpoint, theirs: Checkpoint, told: Told): Promise<Alarm["why"] | undefined> {
    const consistent = async (a: Checkpoint, b: Checkpoint, proof: readonly string[] | undefined) =>
      proof !== undefined && isConsistent(a.size, b.size, a.root, b.root, proof.map((hash) => fromBase64(hash) ?? new Uint8Array(0)));
    if (theirs.size === ours.size) return (await consistent(ours, theirs, [])) ? undefined : "rewritten";
    if (theirs.size > ours.size) {
      const proof = told.from === ours.size ? told.proof : await this.world.proof(ours.size, theirs.size);
      return (await consistent(ours, theirs, proof)) ? undefined : "rewritten";
    }
    // What another tab kept may be newer than what this one was told first.
    if (this.own) return "rolled_back";
    const proof = await this.world.proof(theirs.size, ours.size);
    return (await consistent(theirs, ours, proof)) ? undefined : "rolled_back";
  }

  /** Who signed it: the key that was met first, or one that it led to; or why that is nobody. undefined: that
   * cannot be said yet, as it is a key from before the ones that the server names. */
  private async signerOf(note: Note, origin: string): Promise<VerifierKey | Alarm["why"] | undefined> {
    const signature = note.signatures.find(({ name }) => name === origin);
    const signs = async (key: Bytes) => signature !== undefined && isSigned(note.text, signature, { name: origin, key });
    const known = this.kept && (await readKey(this.kept.key));
    if (known && known.name !== origin) return "unsigned";
    if (known && (await signs(known.key))) return known;
    const { key, rotations } = await this.world.keys();
    const now = await readKey(key);
    if (now?.name !== origin) return "unsigned";
    const chain = known ? await ledTo(known, rotations) : await led(origin, rotations);
    if (chain.length > 0 && !same(chain.at(-1)!, now.key)) return "other_key";
    for (const one of [...chain, now.key]) if (await signs(one)) return known && chain.length === 0 ? "other_key" : { name: origin, key: one };
    return known || rotations.length === 0 ? "unsigned" : undefined;
  }

  private cosignNow({ size, origin, text }: Last): Promise<string | undefined> {
    this.cosigned = size;
    this.due = this.world.now() + COSIGN_EACH_MS * (0.5 + this.world.random());
    return this.cosign(origin, text);
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

const serverName = (origin: string) => origin.slice(0, origin.lastIndexOf("/"));

/** The keys that came after this one, each signed by the one before. */
async function ledTo(known: VerifierKey, rotations: readonly string[]): Promise<Bytes[]> {
  const name = serverName(known.name);
  let key: VerifierKey = { name, key: known.key };
  const keys: Bytes[] = [];
  for (const note of rotations) {
    const next = await rotated(note, key);
    if (!next) continue;
    key = next;
    keys.push(key.key);
  }
  return keys;
}

/** Those after the first, where none is known yet. */
async function led(origin: string, rotations: readonly string[]): Promise<Bytes[]> {
  const first = await readKey(readNote(rotations[0] ?? "")?.text.split("\n")[2] ?? "");
  if (!first) return [];
  return [first.key, ...(await ledTo({ name: origin, key: first.key }, rotations.slice(1)))];
}
