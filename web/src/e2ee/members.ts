// Who is in a group, as people see it: the list made from the group itself, what changed between two
// epochs, and the code that is compared aloud.
import { digits, toBase64url } from "./bytes";
import type { Manifest } from "./identity";
import type { Claim } from "./mls";
import { leafOf, sameClient } from "./rules";

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

/** In the order of the leaves. */
export function membersOf(leaves: Leaves, manifest: Manifest): Member[] {
  return [...leaves].flatMap(([leaf, claim]) => memberOf(leaf, claim, manifest) ?? []);
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
