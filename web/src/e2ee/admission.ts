// Before a meeting is entered whose link has keys: whether this browser can, who the person is, and the list
// of participants that the organiser signed. Throws a Problem, which is shown instead of the meeting.
import type { Encryption } from "../gen/protocol";
import { Problem } from "../lib/api";
import type { Invitation } from "../lib/link";
import { same } from "./bytes";
import { IdentityError, type Manifest, type Person, type SignedManifest, verifyManifest } from "./identity";
import type { SigningKey } from "./keys";
import { keyOf } from "./person";
import { noteSeen, seenOf } from "./seen";
import { canEncrypt, canVerify } from "./support";

/** Who comes in, and by which list. */
export interface Admission {
  meeting: string;
  organiser: string;
  person: string;
  key: SigningKey;
  manifest: Manifest;
}

/** Verified against the link, and against what this browser saw before. */
export async function verified(
  signed: SignedManifest,
  meeting: string,
  organiser: string,
): Promise<Manifest> {
  const expected = { meeting, organiser, seen: seenOf(meeting, organiser) };
  const manifest = await verifyManifest(signed, expected, Date.now());
  noteSeen(manifest);
  return manifest;
}

async function fetchManifest({ meeting, token }: Invitation): Promise<SignedManifest> {
  let response: Response;
  try {
    response = await fetch(`/api/meetings/${encodeURIComponent(meeting)}/manifest`, {
      headers: { Authorization: `Bearer ${token}` },
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    throw new Problem("unreachable");
  }
  if (response.status === 404) throw new Problem("not_signed");
  if (!response.ok) throw new Problem("unreachable");
  const signed = (await response.json().catch(() => undefined)) as SignedManifest | null | undefined;
  if (typeof signed !== "object" || signed === null) throw new Problem("bad_list");
  return signed;
}

/** Everybody of the newest list, which the organiser of the link signed, or who they let. Rejects otherwise. */
export async function peopleOf(link: Invitation, organiser: string): Promise<ReadonlyMap<string, Person>> {
  return (await verified(await fetchManifest(link), link.meeting, organiser)).people;
}

/** undefined: the meeting is not encrypted, as the organiser signed it too, and one comes without a key, so
 * that acts are not signed. */
export async function admit(link: Invitation, encryption: Encryption): Promise<Admission | undefined> {
  const { meeting, keys } = link;
  if (!keys) throw new Problem("no_keys");
  if (encryption === "required" && !(await canEncrypt())) throw new Problem("cannot_encrypt");
  if (!(await canVerify())) throw new Problem("cannot_verify");
  const [signed, key] = await Promise.all([fetchManifest(link), keyOf(link)]);
  let manifest: Manifest;
  try {
    manifest = await verified(signed, meeting, keys.organiser);
  } catch (error) {
    if (error instanceof IdentityError) throw new Problem("bad_list", error.message);
    throw error;
  }
  if (manifest.encryption !== encryption) throw new Problem("not_encrypted");
  const person = key && [...manifest.people.values()].find((p) => same(p.key, key.publicKey));
  if (key && person && !manifest.revoked.has(person.person))
    return { meeting, organiser: keys.organiser, person: person.person, key, manifest };
  if (encryption === "none") return undefined;
  throw new Problem(key ? "not_listed" : "no_keys");
}
