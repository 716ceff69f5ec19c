// Who is in a group, as people see it: the list made from the group itself, what changed between two
// epochs, and the code that is compared aloud.
import { digits, toBase64url } from "./bytes";
import type { Manifest } from "./identity";
import type { Claim } from "./mls";
import { leafOf, sameClaim, sameClient } from "./rules";

export interface Member {
  leaf: number;
  person: string;
  /** The participant in the signalling. */
  device: string;
  name: string;
  role: string;
  seat?: string;
}

export type Leaves = ReadonlyMap<number, Claim>;

/** undefined: nobody of the manifest. */
export function memberOf(leaf: number, claim: Claim, manifest: Manifest): Member | undefined {
  const read = leafOf(claim);
  const person = read && manifest.people.get(read.person);
  if (!person) return undefined;
  const { name, role, seat } = person;
  return { leaf, person: read.person, device: read.device, name, role, ...(seat === undefined ? {} : { seat }) };
}

/** A member of the epoch that is now. */
export interface Present extends Member {
  /** The first epoch, of those that this device has keys of, in which the leaf was theirs. */
  since: bigint;
}

export type Since = ReadonlyMap<number, bigint>;

/** Since when each leaf is whose it is, in an epoch that begins. */
export function sinceOf(before: Leaves, known: Since, leaves: Leaves, epoch: bigint): Since {
  return new Map(
    [...leaves].map(([leaf, claim]) => {
      const former = before.get(leaf);
      const stays = former !== undefined && sameClaim(former, claim);
      return [leaf, (stays ? known.get(leaf) : undefined) ?? epoch];
    }),
  );
}

/** In the order of the leaves. */
export function membersOf(leaves: Leaves, since: Since, manifest: Manifest): Present[] {
  return [...leaves].flatMap(([leaf, claim]) => {
    const member = memberOf(leaf, claim, manifest);
    return member ? [{ ...member, since: since.get(leaf)! }] : [];
  });
}

/** `came_back`: the same device with another key. */
export interface Change {
  what: "joined" | "left" | "came_back";
  member: Member;
}

export function changesBetween(before: Leaves, after: Leaves, manifest: Manifest): Change[] {
  const key = (claim: Claim) => toBase64url(claim.mlsKey);
  const had = new Set([...before.values()].map(key));
  const has = new Set([...after.values()].map(key));
  const gone = [...before].filter(([, claim]) => !has.has(key(claim)));
  const come = [...after].filter(([, claim]) => !had.has(key(claim)));
  const told = (what: Change["what"], leaf: number, claim: Claim): Change[] => {
    const member = memberOf(leaf, claim, manifest);
    return member ? [{ what, member }] : [];
  };
  return [
    ...gone
      .filter(([, claim]) => !come.some(([, other]) => sameClient(claim, other)))
      .flatMap(([leaf, claim]) => told("left", leaf, claim)),
    ...come.flatMap(([leaf, claim]) =>
      told(gone.some(([, other]) => sameClient(claim, other)) ? "came_back" : "joined", leaf, claim),
    ),
  ];
}

/** 30 digits: six groups of five, each the number in five bytes modulo 100 000, out of the epoch's
 * authenticator. The same for all who are in one group, and for nobody else. */
export function roomCode(authenticator: Uint8Array): string {
  return digits(authenticator, 6, 5).join(" ");
}
