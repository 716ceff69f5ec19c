// The organiser's manifest in a record: who has which key, and that it was signed by whom it says.
import { type Bytes, fromBase64url, KEY_BYTES, sha256, signedBy, base64url, same, utf8 } from "./digest";
import { demand, Fault } from "./fault";
import { equal, type Json, type JsonObject, parseObject } from "./json";

const SIGNED = "parley manifest v1\n";
const ORGANISER = "organiser";
const CHAIR = "chair";
const NAME = /^[A-Za-z0-9_-]{1,32}$/;
const SEAT = /^[A-Za-z0-9._-]{1,32}$/;
const COUNTRY = /^[A-Z]{2}$/;
const ENCRYPTIONS: readonly (Json | undefined)[] = ["none", "required"];
const LIST_MAX = 10_000;
const WEIGHT_MAX = 1_000_000_000;
const HASH = /^[0-9a-f]{64}$/;

export interface Person {
  key: Bytes;
  seat: string | undefined;
  name: string;
  role: string;
}

interface Seat {
  /** As on the plates of its people. */
  name: string;
  country: string | undefined;
  /** Of one that was added since the definition. */
  weight: number | undefined;
  guest: boolean | undefined;
}

export type Seats = Map<string, Seat>;

export interface Manifest {
  fields: JsonObject;
  seats: Seats;
  version: number;
  /** SHA-256 of the meeting's definition, in hexadecimal; undefined: it names none. */
  definition: string | undefined;
  /** Version of the newest that the organiser signed: this one, or its base. */
  organisers: number;
  people: Map<string, Person>;
  revoked: Set<string>;
  notAfter: number;
  /** base64url of the SHA-256 of the organiser's key. */
  organiser: string;
}

function string(value: Json | undefined, what: string): string {
  demand(typeof value === "string", `The manifest's ${what} is no text.`);
  return value;
}

function whole(value: Json | undefined, what: string, least: number): number {
  demand(Number.isSafeInteger(value) && (value as number) >= least, `The manifest's ${what} is no whole number that it may be.`);
  return value as number;
}

function list(value: Json | undefined, what: string): Json[] {
  demand(Array.isArray(value) && value.length <= LIST_MAX, `The manifest's ${what} is no list.`);
  return value;
}

function object(value: Json | undefined, what: string): JsonObject {
  demand(typeof value === "object" && value !== null && !Array.isArray(value), `The manifest's ${what} is no object.`);
  return value;
}

async function signed(key: Bytes, signature: Json | undefined, text: string): Promise<boolean> {
  const bytes = typeof signature === "string" ? fromBase64url(signature) : undefined;
  return bytes !== undefined && signedBy(key, bytes, utf8(SIGNED + text));
}

function matching(form: RegExp, value: Json | undefined, what: string): string {
  const text = string(value, what);
  demand(form.test(text), `The manifest's ${what} is of another form.`);
  return text;
}

function readSeats(value: Json | undefined): Seats {
  const seats: Seats = new Map();
  for (const one of list(value, "list of seats")) {
    const seat = object(one, "seat");
    const id = matching(SEAT, seat["id"], "seat");
    demand(!seats.has(id), `The manifest has the seat ${id} twice.`);
    const country = seat["country"] === undefined ? undefined : matching(COUNTRY, seat["country"], "country");
    const weight = seat["weight"] === undefined ? undefined : whole(seat["weight"], "seat's weight", 0);
    demand(weight === undefined || weight <= WEIGHT_MAX, "The manifest's seat's weight is too much.");
    const guest = seat["guest"] as boolean | undefined;
    demand(typeof guest === (weight === undefined ? "undefined" : "boolean"), "The manifest says a seat's weight without whether it is a guest's, or that alone.");
    seats.set(id, { name: string(seat["name"], "seat's name"), country, weight, guest });
  }
  return seats;
}

/** In whatever order they stand. */
function sameSeats(a: Seats, b: Seats): boolean {
  const same = ([id, { name, country, weight, guest }]: [string, Seat]) => {
    const other = b.get(id);
    return other?.name === name && other.country === country && other.weight === weight && other.guest === guest;
  };
  return a.size === b.size && [...a].every(same);
}

/** That the seat of the event stands on the list as it was added. Throws Fault. */
export function demandListed({ seats }: Manifest, event: JsonObject): void {
  const id = event["seat"] as string;
  const seat = seats.get(id);
  demand(seat !== undefined, `The seat ${id} was added, and is not on the list that the organiser signed.`);
  for (const field of ["name", "country", "weight", "guest"] as const)
    demand(seat[field] === event[field], `The list that the organiser signed says something else of the seat ${id} than it was added with: its ${field}.`);
}

function samePerson(a: Person, b: Person | undefined): boolean {
  return b !== undefined && a.name === b.name && a.role === b.role && a.seat === b.seat && same(a.key, b.key);
}

type Read = Omit<Manifest, "organiser" | "organisers">;

function readText(text: string): Read {
  let fields: JsonObject;
  try {
    fields = parseObject(text);
  } catch (error) {
    throw new Fault(`The manifest cannot be read: ${(error as Error).message}.`);
  }
  demand(fields["v"] === 1 && fields["suite"] === 1, "The manifest is of another format.");
  matching(NAME, fields["meeting"], "meeting");
  if (fields["late"] !== undefined) matching(NAME, fields["late"], "person who may sign");
  demand(ENCRYPTIONS.includes(fields["encryption"]), "The manifest's encryption is none.");
  const seats = readSeats(fields["seats"]);
  const people = new Map<string, Person>();
  const keys = new Set<string>();
  for (const one of list(fields["people"], "list of people")) {
    const entry = object(one, "person");
    const person = matching(NAME, entry["person"], "person");
    const name = string(entry["name"], "person's name");
    const role = matching(NAME, entry["role"], "role");
    const encoded = string(entry["key"], "key");
    const key = fromBase64url(encoded);
    demand(key?.length === KEY_BYTES, `The key of ${person} is none.`);
    demand(!people.has(person) && person !== ORGANISER, `The manifest has ${person} twice.`);
    demand(!keys.has(encoded), `The key of ${person} is another's too.`);
    keys.add(encoded);
    const seat = entry["seat"] === undefined ? undefined : string(entry["seat"], "seat");
    demand(seat === undefined || seats.has(seat), `The seat of ${person} is not in the manifest.`);
    people.set(person, { key, seat, name, role });
  }
  const revoked = new Set(list(fields["revoked"], "list of the revoked").map((id) => string(id, "revoked person")));
  const definition = fields["definition"] === undefined ? undefined : string(fields["definition"], "definition");
  demand(definition === undefined || HASH.test(definition), "The manifest's definition is no SHA-256.");
  const version = whole(fields["version"], "version", 1);
  return { fields, seats, version, definition, people, revoked, notAfter: whole(fields["not_after"], "end", 0) };
}

function checkKept(late: Read, before: Read): void {
  for (const [id, person] of before.people)
    demand(samePerson(person, late.people.get(id)), `The changed manifest changes ${id}.`);
  for (const id of before.revoked) demand(late.revoked.has(id), `The changed manifest lets ${id} in again.`);
}

/** What a person changed must build on what the organiser signed. */
async function checkLate(late: Read, by: string, organiser: Bytes): Promise<{ signer: Person; base: number }> {
  const outer = object(late.fields["base"], "base");
  const text = string(outer["manifest"], "base");
  demand(await signed(organiser, outer["signature"], text), "The manifest builds on one that the organiser did not sign.");
  const base = readText(text);
  demand(base.fields["base"] === undefined, "The manifest builds on one that builds on another.");
  const signer = base.people.get(by);
  demand(base.fields["late"] === by && signer !== undefined && !base.revoked.has(by),
    `The organiser gave ${by} no right to change the list.`);
  for (const name of ["meeting", "definition", "encryption", "late"])
    demand(equal(base.fields[name], late.fields[name]), `The changed manifest has another ${name}.`);
  demand(sameSeats(base.seats, late.seats), "The changed manifest has other seats.");
  demand(late.notAfter <= base.notAfter, "The changed manifest holds for longer than the organiser's.");
  demand(late.version > base.version, "The changed manifest is no later version.");
  checkKept(late, base);
  for (const [id, person] of late.people)
    demand(base.people.has(id) || person.role !== CHAIR, `The changed manifest makes ${id} a chair.`);
  return { signer, base: base.version };
}

export interface Expected {
  meeting: string;
  encryption: string;
  /** SHA-256 of the definition that the record has. */
  definition: string;
  before: Manifest | undefined;
}

/** Of the line. Throws Fault. */
export async function readManifest(line: JsonObject, expected: Expected): Promise<Manifest> {
  const text = line["manifest"] as string;
  const by = line["signed_by"] as string;
  const key = fromBase64url(line["key"] as string);
  demand(key?.length === KEY_BYTES, "The organiser's key is none.");
  const manifest = readText(text);
  demand(manifest.fields["meeting"] === expected.meeting, "The manifest is of another meeting.");
  demand(manifest.fields["encryption"] === expected.encryption, "The manifest and the meeting differ in their encryption.");
  demand(manifest.definition === undefined || manifest.definition === expected.definition,
    "The meeting's definition is not the one that the organiser signed.");
  const late = by === ORGANISER ? undefined : await checkLate(manifest, by, key);
  const organisers = late?.base ?? manifest.version;
  demand(await signed(late?.signer.key ?? key, line["signature"], text), "The manifest's signature is not by whom it says.");
  const organiser = base64url(await sha256(key));
  const { before } = expected;
  demand(before === undefined || before.organiser === organiser, "The manifest is another organiser's than the one before.");
  demand(before === undefined || before.version < manifest.version, "The manifest is no later version than the one before.");
  demand(manifest.definition !== undefined || before?.definition === undefined,
    "The manifest does not name the meeting's definition, and the one before does.");
  if (late && before) {
    demand(organisers >= before.organisers, "The changed manifest builds on an older one than the organiser's newest.");
    checkKept(manifest, before);
  }
  return { ...manifest, organisers, organiser };
}
