// Writes records for tests, from docs/record.md: whatever is given, with hashes and signatures that fit, so that a
// test changes one thing and nothing else.
import { createHash, createPrivateKey, createPublicKey, sign as signNode } from "node:crypto";

import { encodeObject, fieldsOf, ACTS, LINES } from "../src/record/schema";
import type { JsonObject } from "../src/record/json";

export const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest();
export const hexOf = (data: string | Buffer) => sha256(data).toString("hex");
const base64url = (data: Buffer) => data.toString("base64url");

/** Ed25519, out of one byte. */
export class Key {
  readonly #private;
  readonly public: Buffer;

  constructor(seed: number) {
    const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
    this.#private = createPrivateKey({ key: Buffer.concat([prefix, Buffer.alloc(32, seed)]), format: "der", type: "pkcs8" });
    this.public = createPublicKey(this.#private).export({ format: "der", type: "spki" }).subarray(-32);
  }

  sign(text: string): Buffer {
    return signNode(null, Buffer.from(text), this.#private);
  }
}

const id = (name: string, kind: number, key: Buffer) =>
  sha256(Buffer.concat([Buffer.from(name), Buffer.from([0x0a, kind]), key])).subarray(0, 4);

function verifierKey(name: string, kind: number, key: Key): string {
  const data = Buffer.concat([Buffer.from([kind]), key.public]).toString("base64");
  return `${name}+${id(name, kind, key.public).toString("hex")}+${data}`;
}

export const vkey = (name: string, key: Key) => verifierKey(name, 1, key);
export const witnessKey = (name: string, key: Key) => verifierKey(name, 4, key);

export function signNote(text: string, name: string, key: Key): string {
  const line = Buffer.concat([id(name, 1, key.public), key.sign(text)]).toString("base64");
  return `${text}\n\u2014 ${name} ${line}\n`;
}

export function cosignature(text: string, name: string, key: Key, time: number | bigint): string {
  const when = Buffer.alloc(8);
  when.writeBigUInt64BE(BigInt(time));
  const signature = key.sign(`cosignature/v1\ntime ${time}\n${text}`);
  return `\u2014 ${name} ${Buffer.concat([id(name, 4, key.public), when, signature]).toString("base64")}\n`;
}

export const leafHash = (leaf: string) => sha256(Buffer.concat([Buffer.from([0]), Buffer.from(leaf)]));

/** Where a tree of so many leaves is split. */
function split(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** RFC 6962, 2.1.1: that leaf m, from 0, is among them. */
export function pathOf(m: number, leaves: readonly string[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  if (m < k) return [...pathOf(m, leaves.slice(0, k)), root(leaves.slice(k))];
  return [...pathOf(m - k, leaves.slice(k)), root(leaves.slice(0, k))];
}

/** RFC 6962, 2.1.2: that the first m are the beginning of all. */
export function consistencyOf(m: number, leaves: readonly string[], whole = true): Buffer[] {
  if (m === leaves.length) return whole ? [] : [root(leaves)];
  const k = split(leaves.length);
  if (m <= k) return [...consistencyOf(m, leaves.slice(0, k), whole), root(leaves.slice(k))];
  return [...consistencyOf(m - k, leaves.slice(k), false), root(leaves.slice(0, k))];
}

/** RFC 6962, 2.1, as it is written there. */
export function root(leaves: readonly string[]): Buffer {
  if (leaves.length === 1) return leafHash(leaves[0]!);
  const k = split(leaves.length);
  return sha256(Buffer.concat([Buffer.from([1]), root(leaves.slice(0, k)), root(leaves.slice(k))]));
}

export const MEETING = "M1";
export const NAME = "parley.example";
export const ORIGIN = `${NAME}/${MEETING}`;
export const T0 = 1_764_000_000_000;

const SEATS = [
  { id: "NOR", name: "Norway" },
  { id: "DEN", name: "Denmark", weight: 3 },
  { id: "ESP", name: "Spain" },
];
const PEOPLE = [
  { name: "Chair", role: "chair" },
  ...SEATS.map(({ id: seat, name }) => ({ name, role: "delegate", seat })),
];

/** The seats of a list, with those that are added by these events. */
export function listing(...added: JsonObject[]): JsonObject {
  const seats = SEATS.map(({ id, name }) => ({ id, name }));
  return { seats: [...seats, ...added.map(({ seat, ...rest }) => ({ id: seat!, ...rest }))] };
}

export class Maker {
  readonly organiser = new Key(100);
  server = new Key(101);
  readonly keys = PEOPLE.map((_, i) => new Key(i + 1));
  readonly lines: string[] = [];
  readonly events: string[] = [];
  at = T0;
  private salt = 0;
  /** Number of the event that called the decision last. */
  called = 0;

  constructor(readonly definition: JsonObject = { title: "T", floor: "open", encryption: "none", seats: SEATS, people: PEOPLE, quorum: 2 }) {}

  line(kind: keyof typeof LINES & string, fields: JsonObject): void {
    const { text, wrong } = encodeObject(LINES[kind]!, { record: kind, ...fields });
    if (text === undefined) throw new Error(wrong);
    this.lines.push(text);
  }

  begin(): this {
    this.line("head", { format: 1, meeting: MEETING, origin: ORIGIN, key: vkey(ORIGIN, this.server) });
    const text = JSON.stringify(this.definition);
    this.line("definition", { text });
    return this.event("created", { meeting: MEETING, definition: hexOf(text) });
  }

  /** by "": the server. */
  event(act: string, fields: JsonObject, by = ""): this {
    this.at += 1000;
    const salt = base64url(Buffer.alloc(16, ++this.salt));
    const head = { number: this.events.length + 1, at: this.at, ...(by && { by }), salt, act };
    const { text, wrong } = encodeObject(fieldsOf(ACTS.get(act)!), { ...head, ...fields });
    if (text === undefined) throw new Error(`${act}: ${wrong}`);
    this.lines.push(text);
    this.events.push(text);
    return this;
  }

  manifest(changes: JsonObject = {}, signer = this.organiser, by = "organiser"): this {
    const people = PEOPLE.map((p, i) => ({ person: `p${i + 1}`, ...p, key: base64url(this.keys[i]!.public) }));
    const fields = { v: 1, meeting: MEETING, version: 1, suite: 1, encryption: "none", definition: hexOf(JSON.stringify(this.definition)), ...listing(), people, revoked: [], late: "p1", not_after: T0 * 2, ...changes };
    return this.rawManifest(JSON.stringify(fields), Math.max(Number(fields.version), 1), signer, by);
  }

  rawManifest(text: string, version: number, signer = this.organiser, by = "organiser"): this {
    const signature = base64url(signer.sign(`parley manifest v1\n${text}`));
    this.line("manifest", { manifest: text, signature, key: base64url(this.organiser.public), signed_by: by });
    return this.event("manifest", { version, sha256: hexOf(text) });
  }

  everybody(): this {
    PEOPLE.forEach((p, i) => this.event("joined", { participant: `p${i + 1}`, name: p.name, place: "room" }));
    return this;
  }

  put(rule: JsonObject, decision = "d"): this {
    this.event("put_decision", {
      decision, item: "i", title: "T", texts: [{ language: "EN", text: "We <decide>." }], rule, excluded: [], version: 1,
      hash: this.hash,
    }, "p1");
    return this;
  }

  readonly hash = hexOf("EN\nWe <decide>.\0");

  call(more: JsonObject = {}): this {
    this.called = this.events.length + 1;
    return this.event("call_decision", { decision: "d", version: 1, warnings: [], present: 3, members: 3, ...more }, "p1");
  }

  /** Signed by the person of the seat; `said` changes what was signed, `signer` who did. */
  vote(seat: number, choice: string, said: JsonObject = {}, signer = this.keys[seat + 1]!): this {
    const own = { decision: "d", version: 1, choice };
    const person = `p${seat + 2}`;
    const signed_text = JSON.stringify({ meeting: MEETING, person, act: "vote", ...own, text: this.hash, since: this.called, time: this.at, ...said });
    const signature = base64url(signer.sign(`parley act v1\n${signed_text}`));
    return this.event("vote", { ...own, seat: SEATS[seat]!.id, signed_text, signature }, person);
  }

  bareVote(seat: number, choice: string): this {
    return this.event("vote", { decision: "d", version: 1, choice, seat: SEATS[seat]!.id }, `p${seat + 2}`);
  }

  close(outcome: string): this {
    return this.event("close_decision", { decision: "d", outcome, words: "Words.", words_form: 9 }, "p1");
  }

  checkpointText(): string {
    return `${ORIGIN}\n${this.events.length}\n${root(this.events).toString("base64")}\n`;
  }

  checkpoint(cosigners: number[] = [], more = ""): this {
    const text = this.checkpointText();
    const lines = cosigners.map((i) => cosignature(text, `${ORIGIN}/person/p${i + 1}`, this.keys[i]!, 1_764_000_000));
    this.line("checkpoint", { note: signNote(text, ORIGIN, this.server) + lines.join("") + more });
    return this;
  }

  rotate(to: Key): this {
    const text = `parley key rotation v1\n${NAME}\n${vkey(NAME, to)}\n`;
    this.line("rotation", { note: signNote(text, NAME, this.server) });
    this.server = to;
    return this;
  }

  end(): this {
    const hash = hexOf(this.lines.map((line) => `${line}\n`).join(""));
    const signature = base64url(this.server.sign(`parley record end v1\n${ORIGIN}\n${this.lines.length}\n${hash}\n`));
    this.line("end", { lines: this.lines.length, sha256: hash, signature });
    return this;
  }

  file(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(Buffer.from(this.lines.map((line) => `${line}\n`).join("")));
  }
}

export const SIMPLE = { procedure: "simple" };

/** A vote of three, adopted; cosigned by all. */
export function whole(): Maker {
  const maker = new Maker().begin().event("put_item", { item: "i", title: "Item" }).manifest().everybody();
  maker.put(SIMPLE).call().checkpoint([0, 2]).vote(0, "yes").vote(1, "no").vote(2, "yes").close("adopted");
  return maker.checkpoint([0, 1, 2, 3]).end();
}
