// The signed list of one meeting on the preparation page: whether it stands, and what is done so that each
// person has a key on it and a link with its secret. The list goes to the server before a link is made.
import { verified } from "../e2ee/admission";
import { type Bytes, fromBase64url } from "../e2ee/bytes";
import { IdentityError, type Manifest, type ManifestDraft, type Person, type Seat, signManifest } from "../e2ee/identity";
import { fingerprint, fingerprintDigits } from "../e2ee/keys";
import { completeLink, definitionHash, draw, type Entry, entriesOf, lateSeat, listOf, nextOf, NO_LINK, seatsOf, withoutPerson, withPerson, withSeat } from "../e2ee/organiser";
import { seenOf } from "../e2ee/seen";
import { type Admin, AdminError, type Invitation } from "./admin";
import { addListed, type LatePerson } from "./late";
import type { Organiser } from "./organiser.svelte";
import { t } from "../texts";

export type Standing =
  | { kind: "unsigned" }
  /** By the key of this browser. */
  | { kind: "signed"; manifest: Manifest }
  | { kind: "foreign"; digits: string }
  /** It does not hold. */
  | { kind: "wrong"; sentence: string };

/** A meeting, as it is to be signed. */
export interface Signable {
  /** The exact bytes of its definition, as the server was sent them, or has them, */
  text: string;
  /** and what it says, with the people and seats that were added since. */
  now: Record<string, unknown>;
}

/** By person. */
export type Links = Record<string, string>;

export class Signing {
  standing = $state.raw<Standing>({ kind: "unsigned" });

  constructor(
    private readonly admin: Admin,
    readonly organiser: Organiser,
  ) {}

  /** The list as it stands, if it is the own one. */
  get manifest(): Manifest | undefined {
    return this.standing.kind === "signed" ? this.standing.manifest : undefined;
  }

  /** Asks the server. Throws an AdminError. */
  async load(meeting: string): Promise<void> {
    const signed = await this.admin.manifest(meeting);
    if (!signed) {
      this.standing = { kind: "unsigned" };
      return;
    }
    const key = fromBase64url(signed.key);
    const by = key && (await fingerprint(key));
    if (by !== this.organiser.fingerprint) {
      this.standing = { kind: "foreign", digits: (by && fingerprintDigits(by)) ?? "" };
      return;
    }
    try {
      this.standing = { kind: "signed", manifest: await verified(signed, meeting, by) };
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      this.standing = { kind: "wrong", sentence: error.message };
    }
  }

  /** Everybody of the meeting: those who were on the list `before`, and to whom no new invitation was `made`, keep
   * their keys and links; all others get both. Throws an AdminError. */
  async all(
    meeting: string,
    { text, now }: Signable,
    made: readonly Invitation[],
    before: Manifest | undefined,
    invitations: readonly Invitation[],
  ): Promise<Links> {
    const seats = seatsOf(now, seatsOf(JSON.parse(text) as Record<string, unknown>).length);
    const urls = new Map(made.flatMap(({ person, url }) => (url === undefined ? [] : [[person, url] as const])));
    const secrets = new Map<string, Bytes>();
    const people: Person[] = [];
    for (const entry of entriesOf(now)) {
      const kept = urls.has(entry.person) ? undefined : before?.people.get(entry.person);
      const { key, secret } = kept ? { key: kept.key, secret: undefined } : await draw(meeting);
      if (secret) secrets.set(entry.person, secret);
      people.push({ ...entry, key });
    }
    const seen = seenOf(meeting, this.organiser.fingerprint)?.version ?? 0; // the server may have dropped it since
    const draft = listOf(meeting, now, { seats, people }, before, seen + 1, Date.now());
    await this.#put({ ...draft, definition: await definitionHash(text) });
    const links: Links = {};
    for (const [person, secret] of secrets) {
      const url = urls.get(person) ?? (await this.#invite(meeting, person, invitations));
      links[person] = this.#complete(meeting, url, secret);
    }
    return links;
  }

  /** Another key and link for one person; the one before opens nothing any more. Throws an AdminError. */
  async renew(meeting: string, entry: Entry, invitations: readonly Invitation[]): Promise<Links> {
    const manifest = await this.#newest(meeting);
    const { key, secret } = await draw(meeting);
    const { person } = entry;
    await this.#put(withPerson(nextOf(manifest), { ...entry, ...manifest.people.get(person), key }));
    return { [person]: this.#complete(meeting, await this.#invite(meeting, person, invitations), secret) };
  }

  /** A seat more, signed before the server adds it. Throws an AdminError. */
  async addSeat(meeting: string, seat: Seat): Promise<void> {
    await this.#put(withSeat(nextOf(await this.#newest(meeting)), lateSeat(seat)));
  }

  /** Somebody more for a meeting that is made, with a key on the list. Throws an AdminError. */
  async addPerson(meeting: string, late: LatePerson): Promise<Links> {
    const manifest = await this.#newest(meeting); // what cannot be signed is not begun
    const { person, link } = await addListed(this.admin, manifest, late, (change) => this.#put(change(nextOf(manifest))));
    return { [person]: link };
  }

  /** The person is no longer on the list, nor let in. Throws an AdminError. */
  async revoke(meeting: string, person: string, invitations: readonly Invitation[]): Promise<void> {
    await this.#put(withoutPerson(nextOf(await this.#newest(meeting)), person));
    await withdraw(this.admin, meeting, person, invitations);
  }

  /** The chair may have signed since. */
  async #newest(meeting: string): Promise<Manifest> {
    await this.load(meeting);
    if (this.standing.kind === "wrong") throw new AdminError("refused", t.said(this.standing.sentence));
    if (this.standing.kind !== "signed") throw new AdminError("refused", "");
    return this.standing.manifest;
  }

  async #put(draft: ManifestDraft): Promise<void> {
    const { key, fingerprint } = this.organiser;
    if (!key) throw new Error("there is no organiser's key");
    // Lists of before did not name it.
    const definition = draft.definition ?? (await definitionHash(await this.admin.definition(draft.meeting)));
    const signed = await signManifest({ ...draft, definition }, key);
    await this.admin.putManifest(draft.meeting, signed);
    this.standing = { kind: "signed", manifest: await verified(signed, draft.meeting, fingerprint) };
  }

  async #invite(meeting: string, person: string, invitations: readonly Invitation[]): Promise<string> {
    await withdraw(this.admin, meeting, person, invitations);
    return (await this.admin.invite(meeting, person)).url ?? "";
  }

  #complete(meeting: string, url: string, secret: Bytes): string {
    const link = completeLink(url, meeting, secret, this.organiser.fingerprint);
    secret.fill(0);
    if (link === undefined) throw new AdminError("refused", NO_LINK);
    return link;
  }
}

/** All invitations of a person; their sessions end. Throws an AdminError. */
export async function withdraw(
  admin: Admin,
  meeting: string,
  person: string,
  invitations: readonly Invitation[],
): Promise<void> {
  for (const i of invitations) if (i.person === person && !i.revoked) await admin.revoke(meeting, i.id);
}
