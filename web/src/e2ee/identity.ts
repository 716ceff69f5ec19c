// Who may be in a meeting, and how everybody checks it for themselves: the organiser's key (its
// fingerprint stands in the link) signs the manifest, the manifest names people and their keys, a
// person's key signs the leaf by which a device is in an MLS group. The server has no part in it.
import {
  type Bytes,
  concat,
  decodeFields,
  encodeFields,
  fromBase64url,
  fromUint64,
  fromUtf8,
  same,
  toBase64url,
  uint64,
  utf8,
} from "./bytes";
import { fingerprint, PUBLIC_KEY_BYTES, SECRET_BYTES, sha256, sign, type SigningKey, verify } from "./keys";

export const SUITE = 1; // MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 (RFC 9420, 17.1)
export const PEOPLE_MAX = 10_000;
/** Clocks of two devices that may differ so much, and both count as right. */
export const CLOCK_ALLOWANCE_MS = 5 * 60_000;
/** A leaf is good for so long; a device that stays longer comes in anew. */
export const LEAF_LIFE_MS = 7 * 24 * 3600_000;

const SIGNED = "parley manifest v1\n";
const LEAF = "parley leaf v1";
const NAME = /^[A-Za-z0-9_-]{1,32}$/; // ids of meetings, people and participants
const SEAT = /^[A-Za-z0-9._-]{1,32}$/;
const HASH = /^[0-9a-f]{64}$/;
const COUNTRY = /^[A-Z]{2}$/; // ISO 3166-1
const WEIGHT_MAX = 1_000_000_000;

export interface Seat {
  id: string;
  /** As on the plates of its people. */
  name: string;
  country?: string;
  /** Of one that was added since the definition, what of it matters to decisions. Both, or neither. */
  weight?: number;
  guest?: boolean;
}

export interface Person {
  person: string;
  name: string;
  role: string;
  seat?: string;
  /** Ed25519. */
  key: Bytes;
}

/** A manifest whose signatures were verified. Only `verifyManifest` makes one. */
export interface Manifest {
  meeting: string;
  /** SHA-256 of the meeting's definition, in hexadecimal; undefined in lists of before. */
  definition?: string;
  version: number;
  /** Version of the newest that the organiser signed: this one, or its base. */
  organisers: number;
  encryption: "required" | "none";
  people: ReadonlyMap<string, Person>;
  /** By their ids. */
  seats: ReadonlyMap<string, Seat>;
  revoked: ReadonlySet<string>;
  /** Whose key may sign later versions. */
  late?: string;
  /** Unix milliseconds. */
  notAfter: number;
  /** The organiser's fingerprint. */
  organiser: string;
  /** SHA-256 of the text, base64url: what `seen` keeps, */
  hash: string;
  /** and of each person's entry, by their ids. */
  entries: ReadonlyMap<string, string>;
}

/** What comes from the server and goes to it. */
export interface SignedManifest {
  manifest: string;
  signature: string;
  key: string;
  signed_by: string;
}

/** What is to be signed. */
export interface ManifestDraft {
  meeting: string;
  definition?: string;
  version: number;
  encryption: "required" | "none";
  /** All of the meeting's. */
  seats: Seat[];
  people: Person[];
  revoked: string[];
  late?: string;
  notAfter: number;
}

export type IdentityProblem =
  | "malformed"
  | "other_meeting"
  | "other_organiser"
  | "bad_signature"
  | "not_allowed"
  | "rollback"
  | "two_versions"
  | "expired"
  | "unknown_person"
  | "revoked"
  | "other_group";

/** The message is one sentence for people. */
export class IdentityError extends Error {
  constructor(
    readonly problem: IdentityProblem,
    message: string,
  ) {
    super(message);
  }
}

function malformed(field: string): IdentityError {
  return new IdentityError("malformed", `The list of participants cannot be read: ${field} is wrong.`);
}

type Json = Record<string, unknown>;

function object(value: unknown, field: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(field);
  return value as Json;
}

function matching(form: RegExp, value: unknown, field: string): string {
  if (typeof value !== "string" || !form.test(value)) throw malformed(field);
  return value;
}

function name(value: unknown, field: string): string {
  return matching(NAME, value, field);
}

function whole(value: unknown, field: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw malformed(field);
  return value as number;
}

function text(value: unknown, field: string): string {
  if (typeof value !== "string") throw malformed(field);
  return value;
}

function list(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value) || value.length > PEOPLE_MAX) throw malformed(field);
  return value;
}

function bytes(value: unknown, field: string, length?: number): Bytes {
  const read = typeof value === "string" ? fromBase64url(value) : undefined;
  if (!read || (length !== undefined && read.length !== length)) throw malformed(field);
  return read;
}

function readSeats(value: unknown): Map<string, Seat> {
  const seats = new Map<string, Seat>();
  for (const [i, one] of list(value, "seats").entries()) {
    const at = `seats[${i}]`;
    const json = object(one, at);
    const id = matching(SEAT, json["id"], `${at}.id`);
    if (seats.has(id)) throw malformed(`${at}.id`);
    const { country, weight, guest } = json;
    if (typeof guest !== (weight === undefined ? "undefined" : "boolean")) throw malformed(`${at}.guest`);
    if (weight !== undefined && whole(weight, `${at}.weight`) > WEIGHT_MAX) throw malformed(`${at}.weight`);
    seats.set(id, {
      id,
      name: text(json["name"], `${at}.name`),
      ...(country === undefined ? {} : { country: matching(COUNTRY, country, `${at}.country`) }),
      ...(weight !== undefined && { weight: weight as number, guest: guest as boolean }),
    });
  }
  return seats;
}

function readPerson(value: unknown, at: string, seats: ReadonlyMap<string, Seat>): Person {
  const json = object(value, at);
  const seat = json["seat"];
  if (seat !== undefined && !(typeof seat === "string" && seats.has(seat))) throw malformed(`${at}.seat`);
  return {
    person: name(json["person"], `${at}.person`),
    name: text(json["name"], `${at}.name`),
    role: name(json["role"], `${at}.role`),
    ...(seat === undefined ? {} : { seat }),
    key: bytes(json["key"], `${at}.key`, PUBLIC_KEY_BYTES),
  };
}

interface Read extends Omit<Manifest, "organiser" | "organisers" | "hash" | "entries"> {
  base?: { manifest: string; signature: string };
}

function readManifest(source: string): Read {
  let json: Json;
  try {
    json = object(JSON.parse(source), "the whole");
  } catch (error) {
    throw error instanceof IdentityError ? error : malformed("the whole");
  }
  if (json["v"] !== 1) throw malformed("v");
  if (json["suite"] !== SUITE) throw malformed("suite");
  const encryption = json["encryption"];
  if (encryption !== "required" && encryption !== "none") throw malformed("encryption");
  const seats = readSeats(json["seats"]);
  const people = new Map<string, Person>();
  const keys = new Set<string>();
  for (const [i, value] of list(json["people"], "people").entries()) {
    const person = readPerson(value, `people[${i}]`, seats);
    const key = toBase64url(person.key);
    if (people.has(person.person) || person.person === "organiser") throw malformed(`people[${i}].person`);
    if (keys.has(key)) throw malformed(`people[${i}].key`);
    people.set(person.person, person);
    keys.add(key);
  }
  const base = json["base"] === undefined ? undefined : object(json["base"], "base");
  return {
    meeting: name(json["meeting"], "meeting"),
    ...(json["definition"] === undefined ? {} : { definition: matching(HASH, json["definition"], "definition") }),
    version: whole(json["version"], "version"),
    encryption,
    seats,
    people,
    revoked: new Set(list(json["revoked"], "revoked").map((id, i) => name(id, `revoked[${i}]`))),
    ...(json["late"] === undefined ? {} : { late: name(json["late"], "late") }),
    notAfter: whole(json["not_after"], "not_after"),
    ...(base && {
      base: {
        manifest: text(base["manifest"], "base.manifest"),
        signature: text(base["signature"], "base.signature"),
      },
    }),
  };
}

async function signedBy(key: Bytes, source: string, signature: string): Promise<void> {
  const data = concat(utf8(SIGNED), utf8(source));
  if (!(await verify(key, bytes(signature, "the signature"), data)))
    throw new IdentityError("bad_signature", "The list of participants does not bear its signature.");
}

function samePerson(a: Person, b: Person | undefined): boolean {
  return (
    b !== undefined && a.name === b.name && a.role === b.role && a.seat === b.seat && same(a.key, b.key)
  );
}

function sameSeats(a: ReadonlyMap<string, Seat>, b: ReadonlyMap<string, Seat>): boolean {
  const same = ({ id, name, country, weight, guest }: Seat) => {
    const other = b.get(id);
    return other?.name === name && other.country === country && other.weight === weight && other.guest === guest;
  };
  return a.size === b.size && [...a.values()].every(same);
}

function refuse(what: string): never {
  throw new IdentityError("not_allowed", `Who signed the list of participants may not ${what}.`);
}

/** A version by somebody to whom the organiser's own one gives it: people may come, and be revoked. Returns
 * the version of the organiser's. */
async function verifyLate(read: Read, signed: SignedManifest, organiser: Bytes): Promise<number> {
  if (!read.base) refuse("sign it without the organiser's own");
  await signedBy(organiser, read.base.manifest, read.base.signature);
  const base = readManifest(read.base.manifest);
  const signer = base.people.get(signed.signed_by);
  if (!signer || base.late !== signer.person || base.revoked.has(signer.person) || base.base)
    refuse("sign it");
  await signedBy(signer.key, signed.manifest, signed.signature);
  if (read.meeting !== base.meeting) refuse("move it to another meeting");
  if (read.definition !== base.definition) refuse("change what the meeting is");
  if (read.encryption !== base.encryption) refuse("change the encryption");
  if (read.late !== base.late) refuse("pass on that right");
  if (!sameSeats(read.seats, base.seats)) refuse("change the seats");
  if (read.notAfter > base.notAfter) refuse("make it last longer");
  if (read.version <= base.version)
    throw new IdentityError("rollback", "The list of participants is older than the organiser's.");
  for (const person of base.people.values())
    if (!samePerson(person, read.people.get(person.person))) refuse(`change or drop ${person.name}`);
  for (const person of read.people.values())
    if (person.role === "chair" && !base.people.has(person.person)) refuse("name another chair");
  for (const person of base.revoked) if (!read.revoked.has(person)) refuse("undo a revocation");
  return base.version;
}

/** What a device remembers of a meeting's manifest, so that the server cannot go back. */
export interface Seen {
  version: number;
  hash: string;
  /** The highest version that the organiser signed: nobody else may build on an older one. */
  organisers?: number;
  /** What it had: nobody but the organiser takes people off it, changes them, or lets somebody in again. */
  entries?: Readonly<Record<string, string>>;
  revoked?: readonly string[];
  /** It named the meeting's definition, as all later ones do. */
  defined?: boolean;
}

async function entriesOf(people: ReadonlyMap<string, Person>): Promise<Map<string, string>> {
  const entry = async ({ person, name, role, seat, key }: Person) =>
    [person, toBase64url(await sha256(utf8(JSON.stringify([name, role, seat ?? null, toBase64url(key)]))))] as const;
  return new Map(await Promise.all([...people.values()].map(entry)));
}

/** A person's list goes on from the one that was seen last. */
function checkFollows(read: Read, entries: ReadonlyMap<string, string>, { entries: kept = {}, revoked = [] }: Seen): void {
  const name = (person: string) => read.people.get(person)?.name ?? person;
  for (const [person, entry] of Object.entries(kept))
    if (entries.get(person) !== entry)
      throw new IdentityError("rollback", `The list of participants says something else of ${name(person)} than the one before.`);
  for (const person of revoked)
    if (!read.revoked.has(person))
      throw new IdentityError("rollback", `The list of participants does not say any more that ${name(person)} was revoked.`);
}

export interface Expected {
  meeting: string;
  /** From the link, or as this device kept it. */
  organiser: string;
  seen?: Seen | undefined;
}

/** The whole chain down to the people. `now`: Unix milliseconds. Throws IdentityError. */
export async function verifyManifest(
  signed: SignedManifest,
  expected: Expected,
  now: number,
): Promise<Manifest> {
  const key = bytes(signed.key, "the organiser's key", PUBLIC_KEY_BYTES);
  const organiser = await fingerprint(key);
  if (organiser !== expected.organiser)
    throw new IdentityError(
      "other_organiser",
      "The list of participants is signed by another organiser than the one of your invitation.",
    );
  const read = readManifest(signed.manifest);
  let organisers = read.version;
  if (signed.signed_by === "organiser") await signedBy(key, signed.manifest, signed.signature);
  else organisers = await verifyLate(read, signed, key);
  if (read.meeting !== expected.meeting)
    throw new IdentityError("other_meeting", "The list of participants is of another meeting.");
  if (now > read.notAfter + CLOCK_ALLOWANCE_MS)
    throw new IdentityError("expired", "The list of participants is no longer valid.");
  const hash = toBase64url(await sha256(utf8(signed.manifest)));
  const { seen } = expected;
  if (seen && read.version < seen.version)
    throw new IdentityError("rollback", "The server gave an older list of participants than before.");
  if (seen && read.version === seen.version && hash !== seen.hash)
    throw new IdentityError("two_versions", "There are two lists of participants of one version.");
  if (seen && organisers < (seen.organisers ?? 0))
    throw new IdentityError("rollback", "The list of participants builds on an older one of the organiser's than before.");
  if (seen?.defined && read.definition === undefined)
    throw new IdentityError("rollback", "The list of participants does not say any more what the meeting is.");
  const entries = await entriesOf(read.people);
  if (seen && signed.signed_by !== "organiser") checkFollows(read, entries, seen);
  const { base: _, ...manifest } = read;
  return { ...manifest, organisers, organiser, hash, entries };
}

function writeManifest(draft: ManifestDraft, base?: SignedManifest): string {
  return JSON.stringify({
    v: 1,
    meeting: draft.meeting,
    ...(draft.definition !== undefined && { definition: draft.definition }),
    version: draft.version,
    suite: SUITE,
    encryption: draft.encryption,
    seats: draft.seats.map(({ id, name, country, weight, guest }) => ({ id, name, ...(country && { country }), weight, guest })),
    people: draft.people.map((p) => ({
      person: p.person,
      name: p.name,
      role: p.role,
      ...(p.seat === undefined ? {} : { seat: p.seat }),
      key: toBase64url(p.key),
    })),
    revoked: draft.revoked,
    ...(draft.late === undefined ? {} : { late: draft.late }),
    not_after: draft.notAfter,
    ...(base && { base: { manifest: base.manifest, signature: base.signature } }),
  });
}

export async function signManifest(draft: ManifestDraft, key: SigningKey): Promise<SignedManifest> {
  const manifest = writeManifest(draft);
  const signature = await sign(key, concat(utf8(SIGNED), utf8(manifest)));
  return {
    manifest,
    signature: toBase64url(signature),
    key: toBase64url(key.publicKey),
    signed_by: "organiser",
  };
}

/** A later version by the person who may: `base` is the newest one that the organiser signed, and is
 * carried in it, so that whoever has only the newest can verify all. */
export async function signLate(
  draft: ManifestDraft,
  base: SignedManifest,
  person: string,
  key: SigningKey,
): Promise<SignedManifest> {
  if (base.signed_by !== "organiser") throw new Error("the base is not the organiser's");
  const manifest = writeManifest(draft, base);
  const signature = await sign(key, concat(utf8(SIGNED), utf8(manifest)));
  return { manifest, signature: toBase64url(signature), key: base.key, signed_by: person };
}

/** The organiser's own version inside one that somebody else signed; otherwise itself. */
export function organisersVersion(signed: SignedManifest): SignedManifest {
  const { base } = readManifest(signed.manifest);
  return base ? { ...base, key: signed.key, signed_by: "organiser" } : signed;
}

/** In what a leaf stands. */
export interface LeafPlace {
  meeting: string;
  groupId: Bytes;
}

export interface Leaf {
  person: string;
  /** The participant that it is in the signalling. */
  device: string;
  /** Unix milliseconds. */
  expires: number;
}

function leafStatement(place: LeafPlace, leaf: Leaf, mlsKey: Bytes): Bytes {
  return encodeFields(
    utf8(LEAF),
    utf8(place.meeting),
    place.groupId,
    utf8(leaf.person),
    utf8(leaf.device),
    mlsKey,
    uint64(leaf.expires),
  );
}

/** The identity of an MLS basic credential: that this person's device uses this MLS key, here. */
export async function signLeaf(
  place: LeafPlace,
  leaf: Leaf,
  mlsKey: Bytes,
  key: SigningKey,
): Promise<Bytes> {
  const signature = await sign(key, leafStatement(place, leaf, mlsKey));
  return encodeFields(utf8(LEAF), utf8(leaf.person), utf8(leaf.device), uint64(leaf.expires), signature);
}

/** What a leaf says of itself, not verified. Throws IdentityError. */
export function readLeaf(identity: Uint8Array): Leaf & { signature: Bytes } {
  const fields = decodeFields(identity, 5);
  const [label, person, device, expires, signature] = fields ?? [];
  const leaf = {
    person: person && fromUtf8(person),
    device: device && fromUtf8(device),
    expires: expires && fromUint64(expires),
  };
  if (
    !label || fromUtf8(label) !== LEAF || !signature || leaf.expires === undefined ||
    !leaf.person || !NAME.test(leaf.person) || !leaf.device || !NAME.test(leaf.device)
  )
    throw new IdentityError("malformed", "A device's credential cannot be read.");
  return { person: leaf.person, device: leaf.device, expires: leaf.expires, signature };
}

/** That this leaf may stand there, by the manifest. Throws IdentityError. */
export async function verifyLeaf(
  manifest: Manifest,
  place: LeafPlace,
  identity: Uint8Array,
  mlsKey: Uint8Array,
  now: number,
): Promise<Leaf> {
  const leaf = readLeaf(identity);
  const person = manifest.people.get(leaf.person);
  if (manifest.meeting !== place.meeting)
    throw new IdentityError("other_meeting", "A device belongs to another meeting.");
  if (!person)
    throw new IdentityError("unknown_person", `Somebody (${leaf.person}) is not on the list of participants.`);
  if (manifest.revoked.has(leaf.person))
    throw new IdentityError("revoked", `The invitation of ${person.name} was revoked.`);
  const left = leaf.expires - now;
  if (left > LEAF_LIFE_MS + CLOCK_ALLOWANCE_MS)
    throw new IdentityError("malformed", `A device of ${person.name} claims to last too long.`);
  if (left < -CLOCK_ALLOWANCE_MS)
    throw new IdentityError("expired", `The credential of a device of ${person.name} has expired.`);
  const statement = leafStatement(place, leaf, new Uint8Array(mlsKey));
  if (!(await verify(person.key, leaf.signature, statement)))
    throw new IdentityError("bad_signature", `A device claims to be ${person.name}, and is not.`);
  return { person: leaf.person, device: leaf.device, expires: leaf.expires };
}

/** What a link carries behind the `#`. */
export interface Fragment {
  token: string;
  secret: Bytes;
  organiser: string;
}

export function writeFragment({ token, secret, organiser }: Fragment): string {
  return `#1.${token}.${toBase64url(secret)}.${organiser}`;
}

/** undefined: it is not one of a meeting with keys. */
export function readFragment(hash: string): Fragment | undefined {
  const parts = /^#1\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/.exec(hash);
  const secret = parts && fromBase64url(parts[2]!);
  if (secret?.length !== SECRET_BYTES || fromBase64url(parts![3]!)?.length !== 32) return undefined;
  return { token: parts![1]!, secret, organiser: parts![3]! };
}
