// What the person does in the room to whom the organiser gave it to sign later lists: somebody more, or
// somebody no longer. The list goes on from the newest one that the server has, verified as ever.
import { type Admission, verified } from "../e2ee/admission";
import { IdentityError, type Manifest, type ManifestDraft, organisersVersion, type SignedManifest, signLate } from "../e2ee/identity";
import { completeLink, draw, nextOf, NO_LINK, withoutPerson, withPerson } from "../e2ee/organiser";
import type { LateRole } from "../gen/protocol";
import { Admin, AdminError } from "./admin";
import { t } from "../texts";

export interface LatePerson {
  name: string;
  role: LateRole;
  seat?: string;
  /** Of an interpreter, or a captioner. */
  language?: string;
}

const NOT_NEW = "The server gave somebody who is on the signed list already for somebody new.";

/** Makes a person of the meeting, with a key on the list, which `sign` signs and puts; their link, which nobody
 * else has. Throws an AdminError. */
export async function addListed(
  server: Admin,
  { meeting, organiser, people }: Manifest,
  { name, role, seat, ...more }: LatePerson,
  sign: (change: (draft: ManifestDraft) => ManifestDraft) => Promise<void>,
): Promise<{ person: string; link: string }> {
  const { person, url } = await server.addPerson(meeting, { name, role, ...(seat && { seat }), ...more });
  if (people.has(person)) throw new AdminError("refused", NOT_NEW);
  const { key, secret } = await draw(meeting);
  const link = completeLink(url ?? "", meeting, secret, organiser);
  try {
    if (link === undefined) throw new AdminError("refused", NO_LINK);
    await sign((draft) => withPerson(draft, { person, name, role, ...(seat && { seat }), key }));
  } catch (error) {
    await server.revokePerson(meeting, person).catch(() => undefined); // nobody without a key
    throw error;
  } finally {
    secret.fill(0);
  }
  return { person, link };
}

interface Newest {
  manifest: Manifest;
  signed: SignedManifest;
}

export class Late {
  readonly #server: Admin;

  /** `token`: the own invitation's. */
  constructor(
    private readonly admission: Admission,
    token: string,
    server: Admin = new Admin(token),
  ) {
    this.#server = server;
  }

  /** Makes a person of the meeting, with a key on the list; their link, which nobody else has. Throws an
   * AdminError. */
  async add(late: LatePerson): Promise<string> {
    const { manifest } = await this.#newest(); // what cannot be signed is not begun
    return (await addListed(this.#server, manifest, late, (change) => this.#sign(change))).link;
  }

  /** They are off the list, which takes them out of the encryption, and their link opens nothing any more.
   * Throws an AdminError. */
  async revoke(person: string): Promise<void> {
    await this.#sign((draft) => withoutPerson(draft, person));
    await this.#server.revokePerson(this.admission.meeting, person);
  }

  async #sign(change: (draft: ManifestDraft) => ManifestDraft): Promise<void> {
    const { manifest, signed } = await this.#newest();
    const { meeting, organiser, person, key } = this.admission;
    const next = await signLate(change(nextOf(manifest)), organisersVersion(signed), person, key);
    await this.#server.putManifest(meeting, next);
    await verified(next, meeting, organiser); // from here on this browser goes back to none before it
  }

  async #newest(): Promise<Newest> {
    const { meeting, organiser, person } = this.admission;
    const signed = await this.#server.manifest(meeting);
    if (!signed) throw new AdminError("refused", "");
    try {
      const manifest = await verified(signed, meeting, organiser);
      if (manifest.late !== person) throw new AdminError("refused", "");
      return { manifest, signed };
    } catch (error) {
      throw error instanceof IdentityError ? new AdminError("refused", t.said(error.message)) : error;
    }
  }
}
