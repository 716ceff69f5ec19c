// What a commit may do. Every member judges every commit by these rules before it counts, and all come
// to the same end, since only what all have is looked at: the commit, the group, the manifest. That the
// claims themselves hold (`verifyLeaf`) and the cryptography are judged elsewhere.
import { inCircle, WHOLE } from "../lib/circles";
import { same } from "./bytes";
import { type Leaf, type Manifest, readLeaf } from "./identity";
import type { Claim, Commit, Policy } from "./mls";

/** The key ids of SFrame have eight bits for a leaf. */
export const LEAVES_MAX = 256;

export const CHAIR = "chair";

/** A claim read; undefined: it is none. */
export function leafOf(claim: Claim): Leaf | undefined {
  try {
    const { person, device, expires } = readLeaf(claim.identity);
    return { person, device, expires };
  } catch {
    return undefined;
  }
}

/** One device of one person. */
export function sameClient(a: Claim, b: Claim): boolean {
  const [x, y] = [leafOf(a), leafOf(b)];
  return x !== undefined && y !== undefined && x.person === y.person && x.device === y.device;
}

export function sameClaim(a: Claim, b: Claim): boolean {
  return same(a.identity, b.identity) && same(a.mlsKey, b.mlsKey);
}

export function isChair(claim: Claim, manifest: Manifest): boolean {
  const person = leafOf(claim)?.person;
  return person !== undefined && manifest.people.get(person)?.role === CHAIR;
}

/** May this person be in the group of this name? */
export function isOf(name: string, person: string, manifest: Manifest): boolean {
  const listed = manifest.people.get(person);
  return listed !== undefined && !manifest.revoked.has(person) && inCircle(name, listed);
}

export const OUTSIDER = "Somebody was to be let into a delegation's talk, or a note to it, that is not theirs.";

type Commitment = Omit<Commit, "message">;

function objectionToResync(commit: Commitment, leaves: ReadonlyMap<number, Claim>): string | undefined {
  const [removed] = commit.removes;
  const former = removed === undefined ? undefined : leaves.get(removed);
  if (commit.adds.length > 0 || commit.policy || commit.removes.length !== 1 || !former || !commit.path)
    return "Somebody tried to come in without being let in.";
  if (!sameClient(former, commit.path)) return "Somebody tried to come in at another's place.";
  return undefined;
}

function objectionToAdds(
  commit: Commitment,
  leaves: ReadonlyMap<number, Claim>,
  locked: boolean,
  byChair: boolean,
): string | undefined {
  if (commit.adds.length === 0) return undefined;
  if (locked && !byChair) return "Somebody was to be added while the meeting is locked.";
  const left = [...leaves].filter(([leaf]) => !commit.removes.includes(leaf)).map(([, claim]) => claim);
  for (const add of commit.adds) {
    if (left.some((other) => sameClient(other, add))) return "A device was to be added twice.";
    left.push(add);
  }
  return left.length > LEAVES_MAX ? "There are too many devices in the meeting." : undefined;
}

/** One sentence for people; undefined: nothing is to be said against it. */
export function objection(
  commit: Commitment,
  leaves: ReadonlyMap<number, Claim>,
  policy: Policy,
  manifest: Manifest,
): string | undefined {
  if (commit.foreign) return "A change of the encryption is of a kind that is not used here.";
  if (commit.sender === "new") return objectionToResync(commit, leaves);
  const by = leaves.get(commit.sender);
  const person = by && leafOf(by)?.person;
  if (!by || person === undefined) return "A change of the encryption comes from nobody in the meeting.";
  if (!manifest.people.has(person) || manifest.revoked.has(person))
    return "A change of the encryption comes from somebody whose invitation was revoked.";
  if (commit.path && !sameClaim(by, commit.path)) return "A device tried to become another one.";
  const chair = isChair(by, manifest);
  if (commit.policy) {
    const { meeting, name, organiser } = commit.policy;
    if (meeting !== policy.meeting || name !== policy.name || organiser !== policy.organiser)
      return "A change of the encryption would make it that of another meeting.";
    if (!chair) return "Somebody who is not the chair tried to lock or unlock the meeting.";
  }
  const outside = commit.adds.some((add) => {
    const added = leafOf(add)?.person;
    return added !== undefined && isOf(WHOLE, added, manifest) && !isOf(policy.name, added, manifest);
  });
  return outside ? OUTSIDER : objectionToAdds(commit, leaves, policy.locked, chair);
}
