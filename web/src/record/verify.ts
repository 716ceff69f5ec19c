// Verifies an exported record (docs/record.md), in the page or in Node, from that description alone: no server, no
// network, and nothing of what wrote it but the list of acts.
import { fingerprintDigits } from "../e2ee/keys";
import { base64, type Bytes, fromBase64url, hex, same, sha256, signedBy, utf8 } from "./digest";
import { demand, Fault } from "./fault";
import { type JsonObject, parseObject } from "./json";
import { demandListed, type Manifest, readManifest } from "./manifest";
import { Tree } from "./merkle";
import { claimsKey, cosignedAt, cosignatureId, ID_BYTES, isCosigned, isSigned, NAME, type Note, readCheckpoint, readKey, readNote, readWitnessKey, rotated, type Signature, type VerifierKey, writeKey } from "./note";
import { type Definition, Meeting, personOf } from "./results";
import { ACTS, encodeObject, fieldsOf, LINES } from "./schema";
import { isActSigned, ownFields, readSigned } from "./signedAct";

const FILE_MAX = 512 << 20;
const LINE_MAX = 16 << 20;
const COSIGNATURES_MAX = 299; // and the server's own
const CLOCK_MS = 10 * 60_000;
const MANIFEST_CLOCK_MS = 5 * 60_000;
const SALT_BYTES = 16;
const keyPlace = (person: string, id: Bytes) => `${person} ${hex(id)}`;
const MEETING = /^[A-Za-z0-9._-]{1,32}$/;

export interface Options {
  /** A verifier key, from elsewhere. */
  key?: string;
  /** The organiser's fingerprint: base64url, as in the links, or digits, as on the letter. */
  organiser?: string;
  /** Verifier keys of witnesses elsewhere; each must have cosigned a checkpoint. */
  witnesses?: readonly string[];
  /** What stands on paper: the record must have had this root. */
  paper?: Paper;
}

/** As the QR code on minutes says it: a log, and its root after so many events. */
export interface Paper {
  origin: string;
  size: number;
  root: Bytes;
  /** The server's key, as a verifier key. */
  key?: string;
}

/** What a witness that was given cosigned: so many checkpoints, the last of them behind this event, at this time. */
export interface Witnessed {
  name: string;
  checkpoints: number;
  last: number;
  /** Unix milliseconds. */
  at: number;
}

export interface Report {
  /** Absent: it holds. */
  fault?: { line: number; event?: number; text: string };
  meeting?: string;
  origin?: string;
  /** The server's, as a verifier key: the last one in force. */
  key?: string;
  /** How many of each were checked. */
  events: number;
  checkpoints: number;
  cosignatures: number;
  signedActs: number;
  unsignedActs: number;
  results: number;
  manifests: number;
  rotations: number;
  /** Adopted, with their text. */
  minutes: number;
  witnesses: Witnessed[];
  /** Of the organiser's key; undefined: nobody has keys. */
  organiser?: string;
  keyPinned: boolean;
  organiserPinned: boolean;
  /** What is no fault, and is to be known. */
  noted: string[];
}

function isKnown<K extends string>(names: Readonly<Record<K, unknown>>, name: unknown): name is K {
  return typeof name === "string" && Object.hasOwn(names, name);
}

/** As a definition was written, JSON. */
function readDefinition(text: string): Definition {
  const d = parseObject(text);
  const encryption = (d["encryption"] as string | undefined) ?? "required";
  const seats = (d["seats"] as { id: string; guest?: boolean; weight?: number }[] | undefined) ?? [];
  const people = (d["people"] as { role: string; seat?: string; shared?: boolean }[] | undefined) ?? [];
  return {
    seats: seats.map(({ id, guest, weight }) => ({ id, guest: guest ?? false, weight: BigInt(weight ?? 1) })),
    people: people.map(({ role, seat, shared }) => ({ role, seat, shared: shared ?? false })),
    lobby: d["lobby"] === true,
    quorum: (d["quorum"] as number | undefined) ?? 0,
    encryption,
    signatures: (d["signatures"] as string | undefined) ?? (encryption === "required" ? "required" : "optional"),
  };
}

class Verifier {
  readonly report: Report = {
    events: 0, checkpoints: 0, cosignatures: 0, signedActs: 0, unsignedActs: 0, results: 0, manifests: 0, rotations: 0,
    minutes: 0, witnesses: [],
    keyPinned: false, organiserPinned: false, noted: [],
  };
  line = 0;

  private origin = "";
  private meetingId = "";
  /** The server's, in force. */
  private key!: Bytes;
  private readonly serverKeys: Bytes[] = [];
  private readonly tree = new Tree();
  private meeting: Meeting | undefined;
  /** Its SHA-256. */
  private definition = "";
  private manifest: Manifest | undefined;
  /** The events of seats that were added. */
  private readonly added: JsonObject[] = [];
  /** What the next line must be the event of. */
  private before: JsonObject | undefined;
  private checkpointed = 0;
  /** Nothing stands between the last event and this line. */
  private behindEvent = false;
  private ended = false;
  private readonly signedTexts = new Set<string>();
  private readonly signedAt = new Map<string, number>();
  private readonly cosigned: { line: number; text: string; person: string; note: Note }[] = [];
  /** By what keys and cosignatures find each other: a person and the key's ID. So each is tried with one key at most. */
  private readonly personKeys = new Map<string, Bytes>();
  private readonly notes = new Map<string, { times: number; first: number }>();
  private last = -Infinity;
  private paperRoot: Bytes | undefined;
  private readonly witnesses: Promise<VerifierKey[]>;
  private readonly witnessed = new Map<VerifierKey, Witnessed>();

  constructor(private readonly options: Options) {
    this.witnesses = this.readWitnesses();
  }

  async take(text: string, at: number, file: Bytes): Promise<void> {
    demand(!this.ended, "Something stands behind the end.");
    let line: JsonObject;
    try {
      line = parseObject(text);
    } catch (error) {
      throw new Fault(`The line cannot be read: ${(error as Error).message}.`);
    }
    demand(this.line > 1 || line["record"] === "head", "A record begins with its head.");
    if ("number" in line) {
      this.behindEvent = true;
      return this.event(line, text);
    }
    const kind = line["record"];
    demand(isKnown(LINES, kind), "The line is of no kind that is known.");
    this.canonical(encodeObject(LINES[kind]!, line), text);
    demand(this.before === undefined, "A definition, a manifest or minutes stand before something that is not their event.");
    if (kind === "head") await this.head(line);
    else if (kind === "rotation") await this.rotation(line);
    else if (kind === "checkpoint") await this.checkpoint(line);
    else if (kind === "end") await this.end(line, at, file);
    else this.before = line;
  }

  /** When all lines are read. */
  async finish(): Promise<void> {
    demand(this.ended, "The record has no end: something was cut off.");
    for (const { line, text, person, note } of this.cosigned) {
      this.line = line;
      await this.checkCosignature(text, person, note);
    }
    this.line = 1;
    await this.pin();
    for (const [text, { times, first }] of this.notes)
      this.report.noted.push(times === 1 ? `${text} (line ${first})` : `${text} (${times} times, first in line ${first})`);
  }

  private note(text: string): void {
    const noted = this.notes.get(text);
    if (noted) noted.times++;
    else this.notes.set(text, { times: 1, first: this.line });
  }

  private canonical({ text, wrong }: { text?: string; wrong?: string }, line: string): void {
    demand(wrong === undefined, `The field "${wrong}" is not as it must be.`);
    demand(text === line, "The line is not in the one encoding that a record has.");
  }

  private async head(line: JsonObject): Promise<void> {
    demand(this.line === 1, "A second head stands in the record.");
    demand(line["format"] === 1, `The record has the format ${String(line["format"])}, which is not known here.`);
    this.meetingId = line["meeting"] as string;
    this.origin = line["origin"] as string;
    const isOrigin = NAME.test(this.origin) && this.origin.endsWith(`/${this.meetingId}`) && this.serverName !== "";
    demand(MEETING.test(this.meetingId) && isOrigin, "The log's origin is not that of the meeting.");
    const key = await readKey(line["key"] as string);
    demand(key?.name === this.origin, "The server's key is none of this log.");
    this.use(key.key);
    Object.assign(this.report, { meeting: this.meetingId, origin: this.origin, key: line["key"] });
  }

  private use(key: Bytes): void {
    this.key = key;
    this.serverKeys.push(key);
  }

  private get signer(): VerifierKey {
    return { name: this.origin, key: this.key };
  }

  private get serverName(): string {
    return this.origin.slice(0, -this.meetingId.length - 1);
  }

  private async rotation(line: JsonObject): Promise<void> {
    this.behindEvent = false;
    const next = await rotated(line["note"] as string, { name: this.serverName, key: this.key });
    demand(next !== undefined, "The change of keys is not signed by the key before it, or brings no key of this server.");
    this.use(next.key);
    this.report.key = await writeKey(next);
    this.report.rotations++;
  }

  private async event(event: JsonObject, text: string): Promise<void> {
    const act = ACTS.get(event["act"] as string);
    demand(act !== undefined && act.kept !== false, "The event is of an act that no record has.");
    this.canonical(encodeObject(fieldsOf(act), event), text);
    const number = this.report.events + 1;
    demand(event["number"] === number, `Event ${number} is missing here.`);
    const salt = event["salt"];
    if (salt === undefined) this.note("An event has no salt");
    else demand(fromBase64url(salt as string)?.length === SALT_BYTES, "The event's salt is none.");
    this.report.events = number;
    if ((event["at"] as number) < this.last) this.note("The server's clock went back");
    this.last = event["at"] as number;
    await this.claim(event);
    await this.signed(event, act.signed === true);
    if (event["act"] === "add_seat") this.takeSeat(event);
    await this.meeting!.apply(event);
    if (event["act"] === "settled" || event["act"] === "close_decision") this.report.results++;
    await this.tree.add(utf8(text));
    if (number === this.options.paper?.size) this.paperRoot = await this.tree.root();
  }

  /** What stands in the line before, if it needs one. */
  private async claim(event: JsonObject): Promise<void> {
    if (event["act"] === "adopt_minutes") return this.adopted(event);
    const line = this.before;
    const kind = event["act"] === "created" ? "definition" : event["act"] === "manifest" ? "manifest" : undefined;
    demand(line?.["record"] === kind, kind ? `The ${kind} that the event names is missing.` : "A definition, a manifest or minutes stand before an event that does not name them.");
    demand((event["act"] === "created") === (event["number"] === 1), "The first event, and no other, makes the meeting.");
    this.before = undefined;
    if (!line) return;
    const text = line[kind === "definition" ? "text" : "manifest"] as string;
    const named = event[kind === "definition" ? "definition" : "sha256"];
    demand(hex(await sha256(utf8(text))) === named, `The ${kind} is not the one that the event names.`);
    if (kind === "definition") {
      demand(event["meeting"] === this.meetingId, "The event is of another meeting.");
      this.definition = named as string;
      this.meeting = new Meeting(readDefinition(text));
    } else {
      await this.takeManifest(line, event);
    }
  }

  /** The text of the minutes, if it is there. */
  private async adopted(event: JsonObject): Promise<void> {
    const line = this.before;
    this.before = undefined;
    if (!line) return this.note("Minutes were adopted whose text is not in the file");
    demand(line["record"] === "minutes", "What stands before the adoption of the minutes is not their text.");
    const text = `${String(line["en"])}${String(line["fr"])}`;
    demand(hex(await sha256(utf8(text))) === event["hash"], "The minutes are not those that the event names.");
    this.report.minutes++;
  }

  private async takeManifest(line: JsonObject, event: JsonObject): Promise<void> {
    const { encryption } = this.meeting!.definition;
    this.manifest = await readManifest(line, { meeting: this.meetingId, encryption, definition: this.definition, before: this.manifest });
    demand(this.manifest.version === event["version"], "The manifest is not of the version that the event names.");
    if (this.manifest.definition === undefined) this.note("A manifest does not name the meeting's definition");
    if ((event["at"] as number) > this.manifest.notAfter + MANIFEST_CLOCK_MS) this.note("A manifest was put after its end");
    for (const seat of this.added) demandListed(this.manifest, seat);
    for (const [person, { key }] of this.manifest.people) await this.addKey(person, key);
    this.report.organiser = this.manifest.organiser;
    this.report.manifests++;
  }

  /** The list in force, and each later one, has it. */
  private takeSeat(event: JsonObject): void {
    if (this.manifest) demandListed(this.manifest, event);
    this.added.push(event);
  }

  /** Keys stay known after their manifest. */
  private async addKey(person: string, key: Bytes): Promise<void> {
    const place = keyPlace(person, await cosignatureId(`${this.origin}/person/${person}`, key));
    const known = this.personKeys.get(place);
    demand(known === undefined || same(known, key), `The manifest gives ${person} a key with the ID of another of theirs.`);
    this.personKeys.set(place, key);
  }

  private async signed(event: JsonObject, mayBe: boolean): Promise<void> {
    if (!mayBe) return;
    const text = event["signed_text"] as string | undefined;
    const signature = event["signature"] as string | undefined;
    demand((text === undefined) === (signature === undefined), "Of what was signed a part is missing.");
    if (text === undefined || signature === undefined) {
      demand(this.meeting!.definition.signatures !== "required", "The act is not signed, and the meeting requires it.");
      this.report.unsignedActs++;
      return;
    }
    const person = personOf((event["by"] as string | undefined) ?? "");
    const signer = this.manifest?.people.get(person);
    demand(signer !== undefined && !this.manifest!.revoked.has(person), `The list of participants has no key of ${person}.`);
    demand(this.meeting!.speaks((event["by"] as string | undefined) ?? ""), `${person} is not there, or does not hold the voice of their seat.`);
    demand(await isActSigned(signer.key, text, signature), `The signature is not by ${person}.`);
    demand(!this.signedTexts.has(text), "What was signed stands in an earlier event too.");
    this.signedTexts.add(text);
    await this.compareSigned(event, text, person);
    demand(event["seat"] === undefined || event["seat"] === signer.seat, `The list of participants has ${person} in another seat.`);
    this.report.signedActs++;
  }

  /** What was signed, with what stands there. */
  private async compareSigned(event: JsonObject, text: string, person: string): Promise<void> {
    const said = readSigned(event, text, this.meetingId, person);
    if (!ownFields(event["act"] as string).includes("text")) {
      const on = await this.meeting!.textOf(event);
      demand(said["text"] === (on === "" ? undefined : on), "What was signed is on another text.");
    }
    if (event["act"] === "propose_correction") this.corrects(event, said);
    const since = this.meeting!.since(event);
    if (said["since"] === undefined && since !== undefined) this.note("What was signed does not say of which call it is");
    else demand(said["since"] === since, "What was signed is of another call, or of before it was amended.");
    const time = said["time"];
    demand(Number.isSafeInteger(time) && (time as number) >= 0, "What was signed has no time.");
    if (Math.abs((time as number) - (event["at"] as number)) > CLOCK_MS)
      this.note("A person's clock and the server's are more than ten minutes apart");
    const thing = JSON.stringify([person, event["act"], event["decision"], event["paper"], event["option"]]);
    if ((time as number) < (this.signedAt.get(thing) ?? -Infinity)) this.note(`The clock of ${person} went back`);
    this.signedAt.set(thing, Math.max(time as number, this.signedAt.get(thing) ?? -Infinity));
  }

  /** An event as it stands in this record. */
  private corrects(event: JsonObject, said: JsonObject): void {
    const leaf = this.tree.leaves[(event["event"] as number) - 1];
    demand(leaf !== undefined, "A correction is of an event that is not there.");
    if (said["leaf"] === undefined) this.note("A signed correction does not say how the event stood");
    else demand(said["leaf"] === base64(leaf), "What was signed corrects another event than stands here.");
  }

  private async checkpoint(line: JsonObject): Promise<void> {
    const note = readNote(line["note"] as string);
    const checkpoint = note && readCheckpoint(note.text);
    demand(checkpoint !== undefined, "The checkpoint is none.");
    demand(checkpoint.origin === this.origin, "The checkpoint is of another log.");
    demand(this.behindEvent && checkpoint.size === this.report.events && checkpoint.size > this.checkpointed,
      "The checkpoint does not stand behind its event.");
    demand(same(checkpoint.root, await this.tree.root()),
      `One of the events ${this.checkpointed + 1} to ${checkpoint.size} is not the one that the checkpoint covers.`);
    this.checkpointed = checkpoint.size;
    const [first, ...others] = note!.signatures;
    demand(first !== undefined && (await isSigned(note!.text, first, this.signer)), "The checkpoint is not signed by the server.");
    await this.takeCosignatures(note!, others, checkpoint.size);
    this.report.checkpoints++;
  }

  /** Their keys may come in a later manifest. */
  private async takeCosignatures({ text }: Note, signatures: Note["signatures"], size: number): Promise<void> {
    demand(signatures.length <= COSIGNATURES_MAX, "The checkpoint has too many cosignatures.");
    const names = signatures.map(({ name }) => hex(utf8(name)));
    demand(names.every((name, i) => i === 0 || names[i - 1]! < name), "The cosignatures are not in their order.");
    const prefix = `${this.origin}/person/`;
    for (const signature of signatures) {
      if (!signature.name.startsWith(prefix)) {
        await this.takeWitness(text, signature, size);
        continue;
      }
      const person = signature.name.slice(prefix.length);
      this.cosigned.push({ line: this.line, text, person, note: { text, signatures: [signature] } });
    }
  }

  private async takeWitness(text: string, signature: Signature, size: number): Promise<void> {
    for (const witness of await this.witnesses) {
      if (!(await claimsKey(signature, witness))) continue;
      const { name, key } = witness;
      demand(await isCosigned(text, signature, key), `The cosignature by the witness ${name} does not hold.`);
      const checkpoints = (this.witnessed.get(witness)?.checkpoints ?? 0) + 1;
      this.witnessed.set(witness, { name, checkpoints, last: size, at: cosignedAt(signature) * 1000 });
      return;
    }
    this.note(`A checkpoint is cosigned by ${signature.name}, whose key is not in the file and was not given`);
  }

  private async readWitnesses(): Promise<VerifierKey[]> {
    const read = await Promise.all((this.options.witnesses ?? []).map(readWitnessKey));
    return read.filter((one) => one !== undefined);
  }

  private async checkCosignature(text: string, person: string, { signatures }: Note): Promise<void> {
    const signature = signatures[0]!;
    const key = this.personKeys.get(keyPlace(person, signature.data.subarray(0, ID_BYTES)));
    demand(key !== undefined && (await isCosigned(text, signature, key)), `The cosignature of ${person} does not hold.`);
    this.report.cosignatures++;
  }

  private async end(line: JsonObject, at: number, file: Bytes): Promise<void> {
    const { lines, sha256: named, signature } = line;
    demand(lines === this.line - 1, `The record says that it has ${String(lines)} lines before its end, and has ${this.line - 1}.`);
    demand(hex(await sha256(file.slice(0, at))) === named, "The record is not the one that was ended.");
    const bytes = fromBase64url(signature as string);
    const text = `parley record end v1\n${this.origin}\n${String(lines)}\n${String(named)}\n`;
    demand(bytes !== undefined && (await signedBy(this.key, bytes, utf8(text))), "The end is not signed by the server.");
    demand(this.report.events > 0 && this.checkpointed === this.report.events, "The last event is covered by no checkpoint.");
    this.ended = true;
  }

  private async pin(): Promise<void> {
    const { key, organiser, witnesses = [], paper } = this.options;
    if (paper) {
      demand(paper.origin === this.origin, `The paper is of the log ${paper.origin}, and this record is of ${this.origin}.`);
      demand(this.paperRoot !== undefined, `The paper is of ${paper.size} events, and this record has ${this.report.events}: it is an earlier one, or cut off.`);
      demand(same(this.paperRoot, paper.root), `The paper is of another history: after ${paper.size} events this record had another root.`);
    }
    const known = await this.witnesses;
    demand(known.length === witnesses.length, "A witness's key that you gave is none.");
    for (const witness of known)
      demand(this.witnessed.has(witness), `The witness that you gave, ${witness.name}, cosigned no checkpoint of this record.`);
    this.report.witnesses = [...this.witnessed.values()];
    if (key !== undefined) {
      const pinned = await readKey(key);
      demand(pinned !== undefined, "The key that you gave is no verifier key.");
      demand([this.serverName, `${this.serverName}/server`, this.origin].includes(pinned.name), "The key that you gave is another server's, or another log's.");
      demand(this.serverKeys.some((one) => same(one, pinned.key)), "The record is not signed by the key that you gave.");
      this.report.keyPinned = true;
    }
    if (organiser === undefined) return;
    demand(this.report.organiser !== undefined, "Nobody has keys in this record, and so it has no organiser.");
    const digits = (fingerprintDigits(this.report.organiser) ?? "").replaceAll(" ", "");
    demand([this.report.organiser, digits].includes(organiser.replaceAll(" ", "")), "The organiser is not the one that you gave.");
    this.report.organiserPinned = true;
  }
}

function nextLine(file: Bytes, at: number): number {
  const end = file.indexOf(0x0a, at);
  demand(end >= 0, "The last line has no end: something was cut off.");
  demand(end - at <= LINE_MAX, "The line is too long.");
  return end;
}

/** Never throws for what is in the file. */
export async function verifyRecord(file: Bytes, options: Options = {}): Promise<Report> {
  const verifier = new Verifier(options);
  const { report } = verifier;
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    demand(file.length <= FILE_MAX, "The file is too large.");
    for (let at = 0; at < file.length; ) {
      verifier.line++;
      const end = nextLine(file, at);
      let text: string;
      try {
        text = decoder.decode(file.subarray(at, end));
      } catch {
        throw new Fault("The line is no UTF-8.");
      }
      await verifier.take(text, at, file);
      at = end + 1;
    }
    await verifier.finish();
  } catch (error) {
    const { events } = report;
    // Else a definition of a form that nobody writes.
    const text = error instanceof Fault ? error.message : `The line cannot be understood: ${String(error)}.`;
    report.fault = { line: verifier.line, text, ...(events > 0 && { event: events }) };
  }
  return report;
}

