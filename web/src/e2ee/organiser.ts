// What an organiser's browser signs: who may be in a meeting, each with a key. The keys are made of secrets
// that are drawn here, stand in the links, and are kept nowhere. Asks no server.
import { toHex } from "../lib/hex";
import { type Bytes, toBase64url, utf8 } from "./bytes";
import type { Manifest, ManifestDraft, Person, Seat } from "./identity";
import { personKey, SECRET_BYTES, SEED_BYTES, sha256 } from "./keys";
import { CHAIR } from "./rules";

/** A list is good for as long as an invitation (PL_INVITATION_LIFE_MS), or longer if one is. */
export const LIST_LIFE_MS = 90 * 24 * 3600_000;

/** Of a person what is signed beside the key. */
export type Entry = Omit<Person, "key">;

interface Defined {
  name: string;
  role: string;
  seat?: string;
  expires?: number;
}

/** The people of a definition: "p1" is the first. */
export function entriesOf(definition: Record<string, unknown>): Entry[] {
  const people = (definition["people"] ?? []) as Defined[];
  return people.map(({ name, role, seat }, i) => ({ person: `p${i + 1}`, name, role, ...(seat ? { seat } : {}) }));
}

const madeSeat = ({ id, name, country }: Seat): Seat => ({ id, name, ...(country ? { country } : {}) });

/** A seat that is added to a meeting that is made, as it stands on the list. */
export function lateSeat(seat: Seat): Seat {
  return { ...madeSeat(seat), weight: seat.weight ?? 1, guest: seat.guest ?? false };
}

/** The seats of a definition; those from the index `made` on were added since. */
export function seatsOf(definition: Record<string, unknown>, made = Infinity): Seat[] {
  const seats = (definition["seats"] ?? []) as Seat[];
  return seats.map((seat, i) => (i < made ? madeSeat(seat) : lateSeat(seat)));
}

/** By which a list names what the meeting is: over the definition's exact bytes. */
export async function definitionHash(text: string): Promise<string> {
  return toHex(await sha256(utf8(text)));
}

/** Until when a list of these people is to be good; Unix milliseconds. */
export function goodUntil(definition: Record<string, unknown>, now: number): number {
  const people = (definition["people"] ?? []) as Defined[];
  return Math.max(now + LIST_LIFE_MS, ...people.map(({ expires }) => expires ?? 0));
}

/** The key that one person is listed with, and the secret that it is made of: it belongs into their link. */
export interface Drawn {
  key: Bytes;
  secret: Bytes;
}

export async function draw(meeting: string): Promise<Drawn> {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return { key: (await personKey(secret, meeting)).publicKey, secret };
}

export function drawSeed(): Bytes {
  return crypto.getRandomValues(new Uint8Array(SEED_BYTES));
}

/** What the server makes: an address of the meeting, and behind the # a token. */
const SERVERS_LINK = /^https?:\/\/[^/?#@\s]+\/m\/([A-Za-z0-9_-]{1,32})#1\.[A-Za-z0-9_-]{1,64}$/;

/** The server's link to a person, with what the server does not have. undefined: it is none of this meeting;
 * one without the # would send the secret to the server. */
export function completeLink(url: string, meeting: string, secret: Bytes, organiser: string): string | undefined {
  return SERVERS_LINK.exec(url)?.[1] === meeting ? `${url}.${toBase64url(secret)}.${organiser}` : undefined;
}

export const NO_LINK = "The server made a link that is none of this meeting.";

/** A list as it stands, to be changed and signed as the next version. */
export function nextOf(manifest: Manifest): ManifestDraft {
  const { meeting, definition, version, encryption, seats, people, revoked, late, notAfter } = manifest;
  return {
    meeting,
    ...(definition !== undefined && { definition }),
    version: version + 1,
    encryption,
    seats: [...seats.values()],
    people: [...people.values()],
    revoked: [...revoked],
    ...(late !== undefined && { late }),
    notAfter,
  };
}

/** Of a meeting as a whole. `before`: the list until now. Later versions the first chair may sign. */
export function listOf(
  meeting: string,
  definition: Record<string, unknown>,
  { seats, people }: Pick<ManifestDraft, "seats" | "people">,
  before: Manifest | undefined,
  version: number,
  now: number,
): ManifestDraft {
  const chairs = people.filter(({ role }) => role === CHAIR).map(({ person }) => person);
  const late = before?.late !== undefined && chairs.includes(before.late) ? before.late : chairs[0];
  const listed = new Set(people.map(({ person }) => person));
  return {
    meeting,
    version,
    encryption: definition["encryption"] === "none" ? "none" : "required",
    seats,
    people,
    revoked: [...(before?.revoked ?? [])].filter((person) => listed.has(person)),
    ...(late !== undefined && { late }),
    notAfter: goodUntil(definition, now),
  };
}

/** With this seat on it, or as it is to be added now where it stands already. */
export function withSeat(draft: ManifestDraft, seat: Seat): ManifestDraft {
  return { ...draft, seats: [...draft.seats.filter(({ id }) => id !== seat.id), seat] };
}

/** With this person on it, by this key; whoever was revoked is in again. */
export function withPerson(draft: ManifestDraft, person: Person): ManifestDraft {
  const at = draft.people.findIndex((p) => p.person === person.person);
  const people = at < 0 ? [...draft.people, person] : draft.people.with(at, person);
  return { ...draft, people, revoked: draft.revoked.filter((id) => id !== person.person) };
}

export function withoutPerson(draft: ManifestDraft, person: string): ManifestDraft {
  return { ...draft, revoked: [...draft.revoked.filter((id) => id !== person), person] };
}

/** A key file of `parley invite`: its seed, in clear; undefined: it is none. */
export const CLEAR_KEY = /^parley organiser key v1 ([A-Za-z0-9_-]{43})\n?$/;
